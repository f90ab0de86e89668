import { type Codec, INCOMPLETE } from '../../codecs/codec.js'
import type { Input } from '../../codecs/input.js'
import { indexOfByte } from '../../codecs/search.js'
import type { Output } from '../../core/output.js'
import type { ProtocolError } from '../../core/protocol-error.js'
import { putReply, type Reply } from './reply.js'
import { ARGUMENTS_MAX, Request } from './request.js'

/** Of one command, everything counted. */
export const COMMAND_BYTES_MAX = 1_048_576
/** Of a command that is a line of words, as a person types it. */
const INLINE_BYTES_MAX = 4096
const DIGITS_MAX = 7

const STAR = 0x2a
const DOLLAR = 0x24
const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09
const ZERO = 0x30

/**
 * RESP2, the protocol of Redis: a command is an array of byte strings, or a line of words; of that, no
 * quotes. The command is read where it was received, and nothing is made of it.
 */
export class RespCodec implements Codec<Request, Reply> {
  readonly maxFrameBytes = COMMAND_BYTES_MAX
  readonly borrows = true
  readonly #request = new Request()
  /** Behind the number that #number() has read. */
  #next = 0

  decode(input: Input): Request | typeof INCOMPLETE {
    const { bytes, start } = input
    const request = this.#request
    request.bytes = bytes
    return bytes[start] === STAR ? this.#array(input, request) : this.#line(input, request)
  }

  encode(reply: Reply, output: Output): void {
    putReply(reply, output)
  }

  #array(input: Input, request: Request): Request | typeof INCOMPLETE {
    const { bytes, start, end } = input
    // An argument was begun that ends there: a large one in many pieces is not read over and over.
    if (end - start < input.scanned) {
      return INCOMPLETE
    }
    const count = this.#number(input, start + 1, ARGUMENTS_MAX)
    if (count < 0) {
      return INCOMPLETE
    }
    const { starts, ends } = request
    let at = this.#next
    for (let i = 0; i < count; i++) {
      if (at < end && bytes[at] !== DOLLAR) {
        throw input.malformed("'$' was expected", { at })
      }
      const length = at < end ? this.#number(input, at + 1, COMMAND_BYTES_MAX) : -1
      if (length < 0) {
        return INCOMPLETE
      }
      const from = this.#next
      const to = from + length
      if (to + 2 - start > COMMAND_BYTES_MAX) {
        throw this.#tooMuch(input, at, `a command of more than ${COMMAND_BYTES_MAX} bytes`)
      }
      if (to + 2 > end) {
        input.scanned = to + 2 - start
        return INCOMPLETE
      }
      if (bytes[to] !== CR || bytes[to + 1] !== LF) {
        throw input.malformed('the end of an argument was expected', { at: to })
      }
      starts[i] = from
      ends[i] = to
      at = to + 2
    }
    request.count = count
    input.start = at
    return request
  }

  /** Of the decimal digits at `from` and the end of their line; -1 while that has not come. */
  #number(input: Input, from: number, max: number): number {
    const { bytes, end } = input
    let value = 0
    let at = from
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO
      if (digit < 0 || digit > 9) {
        break
      }
      value = value * 10 + digit
      if (at - from >= DIGITS_MAX || value > max) {
        throw this.#tooMuch(input, from, `a length of more than ${max}`, max)
      }
    }
    if (at + 1 < end && at > from && bytes[at] === CR && bytes[at + 1] === LF) {
      this.#next = at + 2
      return value
    }
    if (at === end || (at + 1 === end && at > from && bytes[at] === CR)) {
      return -1
    }
    throw input.malformed('a length was expected', { at })
  }

  #line(input: Input, request: Request): Request | typeof INCOMPLETE {
    const { bytes, start, end } = input
    const to = Math.min(end, start + INLINE_BYTES_MAX)
    const lineEnd = indexOfByte(bytes, LF, start + input.scanned, to)
    if (lineEnd < 0) {
      if (end - start >= INLINE_BYTES_MAX) {
        const what = `no end of a line within ${INLINE_BYTES_MAX} bytes`
        throw this.#tooMuch(input, start, what, INLINE_BYTES_MAX)
      }
      input.scanned = end - start
      return INCOMPLETE
    }
    let count = 0
    let at = start
    while (at < lineEnd) {
      if (isBlank(bytes[at] as number)) {
        at++
        continue
      }
      if (count === ARGUMENTS_MAX) {
        throw this.#tooMuch(input, at, `more than ${ARGUMENTS_MAX} words`, ARGUMENTS_MAX)
      }
      request.starts[count] = at
      while (at < lineEnd && !isBlank(bytes[at] as number)) {
        at++
      }
      request.ends[count++] = at
    }
    request.count = count
    input.start = lineEnd + 1
    return request
  }

  #tooMuch(input: Input, at: number, what: string, limit = COMMAND_BYTES_MAX): ProtocolError {
    return input.malformed(what, { at, limit })
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR
}
