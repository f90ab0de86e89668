import { optionRange, unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import { bytesOption } from '../core/validate.js'
import { type Codec, INCOMPLETE } from './codec.js'
import { digitOf, digitsOf, writeDigits } from './digits.js'
import type { Input } from './input.js'
import {
  codecOptions,
  type Payload,
  PayloadForm,
  type PayloadType,
  type PayloadTypes,
} from './payload.js'

const MARK_BYTES_MAX = 64
const NOTHING = new Uint8Array(0)

export interface CountedOptions<As extends PayloadType = 'buffer'> {
  /** Before the number; 1 to 64 bytes, a string as utf8. Default: nothing. */
  prefix?: string | Uint8Array
  /** Of the number: 10, or 16, of which both cases are understood and small letters sent. Default 10. */
  radix?: 10 | 16
  /** Behind the number; 1 to 64 bytes, of which the first is no digit. */
  separator: string | Uint8Array
  /** Behind the message; 1 to 64 bytes. Default: nothing. */
  terminator?: string | Uint8Array
  /** Of one message, without all of these; 1 to 2^30, as text to 2^29 - 65536. Default 65536. */
  maxMessageBytes?: number
  /** Default 'buffer'. */
  as?: As
}

const OPTION_NAMES = ['prefix', 'radix', 'separator', 'terminator', 'maxMessageBytes', 'as']

/** Messages behind their length as a number in ASCII, which has no sign and no zero before it. */
export function counted<As extends PayloadType = 'buffer'>(
  options: CountedOptions<As>,
): Codec<PayloadTypes[As], Payload> {
  codecOptions('counted', options, OPTION_NAMES)
  return new Counted<As>('counted', options)
}

/** Also behind netstring(); `name` is whose options they are. */
export class Counted<As extends PayloadType> implements Codec<PayloadTypes[As], Payload> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #prefix: Uint8Array
  readonly #radix: 10 | 16
  readonly #separator: Uint8Array
  readonly #terminator: Uint8Array
  readonly #maxMessageBytes: number
  readonly #form: PayloadForm<As>

  constructor(name: string, options: CountedOptions<As>) {
    const { prefix, radix = 10, separator, terminator } = options
    this.#prefix = markOption(`${name}: prefix`, prefix ?? NOTHING)
    if (radix !== 10 && radix !== 16) {
      throw optionRange(`${name}: radix`, radix, '10 or 16')
    }
    this.#radix = radix
    this.#separator = Uint8Array.from(bytesOption(`${name}: separator`, separator, MARK_BYTES_MAX))
    if (digitOf(this.#separator[0] as number, radix) >= 0) {
      throw optionRange(`${name}: separator`, separator, 'one that begins with no digit')
    }
    this.#terminator = markOption(`${name}: terminator`, terminator ?? NOTHING)
    this.#form = new PayloadForm<As>(name, options.as, 'buffer' as As)
    this.#maxMessageBytes = this.#form.maxMessageBytes(options.maxMessageBytes)
    this.borrows = this.#form.borrows
    const marks = this.#prefix.length + this.#separator.length + this.#terminator.length
    const max = this.#maxMessageBytes
    this.maxFrameBytes = marks + digitsOf(max, radix) + max
  }

  decode(input: Input): PayloadTypes[As] | typeof INCOMPLETE {
    const { bytes, end } = input
    let at = this.#skip(input, input.start, this.#prefix, 'the prefix')
    const number = at
    let length = 0
    for (; at < end; at++) {
      const digit = digitOf(bytes[at] as number, this.#radix)
      if (digit < 0) {
        break
      }
      if (at > number && length === 0) {
        throw input.malformed('a zero before the length of a message', { at })
      }
      length = length * this.#radix + digit
      if (length > this.#maxMessageBytes) {
        const limit = this.#maxMessageBytes
        throw input.malformed(`a message of more than ${limit} bytes`, { at, limit })
      }
    }
    if (at >= end) {
      return INCOMPLETE
    }
    if (at === number) {
      throw input.malformed('a message must begin with its length', { at })
    }
    const from = this.#skip(input, at, this.#separator, 'the separator')
    const to = from + length
    const behind = this.#skip(input, to, this.#terminator, 'the terminator')
    if (behind > end) {
      return INCOMPLETE
    }
    input.start = behind
    return this.#form.make(bytes, from, to)
  }

  encode(message: Payload, output: Output): void {
    const length = this.#form.sizeOf(message)
    if (length > this.#maxMessageBytes) {
      throw unfitMessage(`it has ${length} bytes; at most ${this.#maxMessageBytes} are allowed`)
    }
    output.put(this.#prefix)
    writeDigits(length, this.#radix, output)
    output.put(this.#separator)
    this.#form.put(message, output)
    output.put(this.#terminator)
  }

  /** What stands at `at` must be `mark`, as far as it has come. Returns where it ends. */
  #skip(input: Input, at: number, mark: Uint8Array, name: string): number {
    const { bytes, end } = input
    const there = Math.min(mark.length, end - at)
    for (let i = 0; i < there; i++) {
      if (bytes[at + i] !== mark[i]) {
        throw input.malformed(`another byte than that of ${name} of a message`, { at: at + i })
      }
    }
    return at + mark.length
  }
}

function markOption(name: string, value: unknown): Uint8Array {
  return value === NOTHING ? NOTHING : Uint8Array.from(bytesOption(name, value, MARK_BYTES_MAX))
}
