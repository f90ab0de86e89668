import { unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import type { ProtocolError } from '../core/protocol-error.js'
import { booleanOption, bytesOption } from '../core/validate.js'
import { type Codec, INCOMPLETE } from './codec.js'
import type { Input } from './input.js'
import {
  codecOptions,
  type Payload,
  PayloadForm,
  type PayloadType,
  type PayloadTypes,
} from './payload.js'
import { indexOfByte, indexOfBytes } from './search.js'
import { Slice } from './slice.js'

const DELIMITER_BYTES_MAX = 64
const CR = 0x0d

export interface DelimitedOptions<As extends PayloadType = 'buffer'> {
  /** 1 to 64 bytes, a string as utf8. */
  delimiter: string | Uint8Array
  /** Of one message, without its delimiter; 1 to 2^30, as text to 2^29 - 65536. Default 65536. */
  maxMessageBytes?: number
  /** Messages keep their delimiter. Default false. */
  keep?: boolean
  /** Default 'buffer'. */
  as?: As
}

/** Messages that each end with a delimiter. */
export function delimited<As extends PayloadType = 'buffer'>(
  options: DelimitedOptions<As>,
): Codec<PayloadTypes[As], Payload> {
  codecOptions('delimited', options, ['delimiter', 'maxMessageBytes', 'keep', 'as'])
  const { maxMessageBytes, keep = false } = options
  const form = new PayloadForm<As>('delimited', options.as, 'buffer' as As)
  return new Delimited(
    Uint8Array.from(bytesOption('delimited: delimiter', options.delimiter, DELIMITER_BYTES_MAX)),
    form.maxMessageBytes(maxMessageBytes),
    booleanOption('delimited: keep', keep),
    false,
    form,
  )
}

/** Also behind lines(), where the CR before an LF may be part of the delimiter. */
export class Delimited<As extends PayloadType> implements Codec<PayloadTypes[As], Payload> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #delimiter: Uint8Array
  readonly #byte: number
  readonly #maxMessageBytes: number
  readonly #keep: boolean
  readonly #dropsCr: boolean
  readonly #form: PayloadForm<As>

  constructor(
    delimiter: Uint8Array,
    maxMessageBytes: number,
    keep: boolean,
    dropsCr: boolean,
    form: PayloadForm<As>,
  ) {
    this.#delimiter = delimiter
    this.#byte = delimiter.length === 1 ? (delimiter[0] as number) : -1
    this.#maxMessageBytes = maxMessageBytes
    this.#keep = keep
    this.#dropsCr = dropsCr
    this.#form = form
    this.borrows = form.borrows
    this.maxFrameBytes = maxMessageBytes + delimiter.length + (dropsCr ? 1 : 0)
  }

  decode(input: Input): PayloadTypes[As] | typeof INCOMPLETE {
    const { bytes, start, end } = input
    const to = Math.min(end, start + this.maxFrameBytes)
    const from = start + input.scanned
    const at =
      this.#byte >= 0 ? indexOfByte(bytes, this.#byte, from, to) : this.#find(bytes, from, to)
    if (at < 0) {
      return this.#incomplete(input)
    }
    const behind = at + this.#delimiter.length
    const cr = this.#dropsCr && at > start && bytes[at - 1] === CR ? 1 : 0
    if (at - cr - start > this.#maxMessageBytes) {
      throw this.#tooLong(input)
    }
    input.start = behind
    return this.#form.make(bytes, start, this.#keep ? behind : at - cr, this)
  }

  encode(message: Payload, output: Output): void {
    const before = output.at - output.start
    this.#form.put(message, output)
    if (!this.#keep) {
      const given = output.at - output.start - before
      if (this.#dropsCr && given > 0 && output.bytes[output.at - 1] === CR) {
        output.uint8(CR) // The one that is dropped, so that the message keeps its own.
      }
      this.#byte >= 0 ? output.uint8(this.#byte) : output.put(this.#delimiter)
    }
    // What this codec has read has passed all that is checked.
    if (!(message instanceof Slice && message.origin === this)) {
      this.#check(output, output.start + before)
    }
  }

  /** A delimiter in its midst would make two messages of it. */
  #check({ bytes, at: end }: Output, start: number): void {
    const found = this.#find(bytes, start, end)
    if (found < 0 || found + this.#delimiter.length !== end) {
      throw unfitMessage(
        this.#keep
          ? 'it must end with its delimiter, and hold no other'
          : 'it must not hold its delimiter; send() adds it',
      )
    }
    const cr = this.#dropsCr && found > start && bytes[found - 1] === CR ? 1 : 0
    const length = found - cr - start
    if (length > this.#maxMessageBytes) {
      throw unfitMessage(`it has ${length} bytes; at most ${this.#maxMessageBytes} are allowed`)
    }
  }

  #incomplete(input: Input): typeof INCOMPLETE {
    if (input.length >= this.maxFrameBytes) {
      throw this.#tooLong(input)
    }
    // A delimiter may have begun in the last bytes.
    input.scanned = Math.max(0, input.length - this.#delimiter.length + 1)
    return INCOMPLETE
  }

  #find(bytes: Buffer, from: number, to: number): number {
    return this.#byte >= 0
      ? indexOfByte(bytes, this.#byte, from, to)
      : indexOfBytes(bytes, this.#delimiter, from, to)
  }

  #tooLong(input: Input): ProtocolError {
    const limit = this.#maxMessageBytes
    const at = input.start + limit
    return input.malformed(`no end of a message within ${limit} bytes`, { at, limit })
  }
}
