// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'
import { isUint8Array } from 'node:util/types'
import { type HoldfastTypeError, optionType, unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import { checkOptionNames, choiceOption, integerOption, objectOption } from '../core/validate.js'
import { MESSAGE_BYTES_DEFAULT, MESSAGE_BYTES_MAX, TEXT_BYTES_MAX } from './limits.js'
import { Slice } from './slice.js'

/** What a codec of bytes is given to encode; a string is sent as utf8, or as the codec's `latin1`. */
export type Payload = string | Uint8Array | Slice

/** As what a codec of bytes hands a message over. */
export interface PayloadTypes {
  /** Yours to keep; shares memory with others, like a chunk. */
  buffer: Buffer
  /** The cheapest: no Buffer is made. */
  slice: Slice
  /** What is no UTF-8 becomes U+FFFD, as Buffer.toString does it. */
  utf8: string
  latin1: string
}

export type PayloadType = keyof PayloadTypes

export interface PayloadOptions<As extends PayloadType> {
  as?: As
}

/** Makes a message of bytes[start, end). */
export type MakePayload<As extends PayloadType> = (
  bytes: Buffer,
  start: number,
  end: number,
  origin?: object,
) => PayloadTypes[As]

const MAKE: { [As in PayloadType]: MakePayload<As> } = {
  buffer: (bytes, start, end) => bytes.subarray(start, end),
  slice: (bytes, start, end, origin) => new Slice(bytes, start, end, origin),
  utf8: (bytes, start, end) => bytes.toString('utf8', start, end),
  latin1: (bytes, start, end) => bytes.toString('latin1', start, end),
}

// V8 knows of most strings whether they have such a character, and does not look.
const BEYOND_LATIN1 = /[^\0-\xff]/

const PAYLOAD_TYPES = ['buffer', 'slice', 'utf8', 'latin1'] as const

/** The options of a codec, all of them known. */
export function codecOptions(codec: string, options: unknown, known: readonly string[]): void {
  checkOptionNames(codec, objectOption(`the options of ${codec}`, options), known)
}

/** How messages are handed over and strings encoded. */
export class PayloadForm<As extends PayloadType> {
  readonly make: MakePayload<As>
  readonly borrows: boolean
  readonly encoding: 'utf8' | 'latin1'
  readonly #codec: string

  /** `codec`: whose option it is. */
  constructor(codec: string, as: unknown, otherwise: As) {
    this.#codec = codec
    const chosen = as === undefined ? otherwise : choiceOption(`${codec}: as`, as, PAYLOAD_TYPES)
    this.make = MAKE[chosen as As]
    this.borrows = chosen === 'utf8' || chosen === 'latin1'
    this.encoding = chosen === 'latin1' ? 'latin1' : 'utf8'
  }

  maxMessageBytes(value: unknown = MESSAGE_BYTES_DEFAULT): number {
    return this.bytesOption('maxMessageBytes', value)
  }

  /** An option for the length of a message. */
  bytesOption(name: string, value: unknown): number {
    const most = this.borrows ? TEXT_BYTES_MAX : MESSAGE_BYTES_MAX
    return integerOption(`${this.#codec}: ${name}`, value, 1, most, 'bytes')
  }

  put(payload: Payload, output: Output): void {
    if (payload instanceof Slice) {
      output.putPart(payload.bytes, payload.start, payload.end)
    } else if (typeof payload === 'string') {
      this.#checkText(payload)
      output.text(payload, this.encoding)
    } else if (isUint8Array(payload)) {
      output.put(payload)
    } else {
      throw noPayload(payload)
    }
  }

  /** How many bytes put() will write. */
  sizeOf(payload: Payload): number {
    if (typeof payload === 'string') {
      return this.encoding === 'latin1' ? payload.length : Buffer.byteLength(payload)
    }
    if (payload instanceof Slice || isUint8Array(payload)) {
      return payload.length
    }
    throw noPayload(payload)
  }

  /** Bits that the encoding has no place for would be lost, and the message be another one. */
  #checkText(text: string): void {
    if (this.encoding === 'latin1') {
      if (BEYOND_LATIN1.test(text)) {
        throw unfitMessage('latin1 has no character above U+00FF')
      }
    } else if (!text.isWellFormed()) {
      throw unfitMessage('it has half of a surrogate pair, which utf8 has no bytes for')
    }
  }
}

function noPayload(value: unknown): HoldfastTypeError {
  return optionType('the message to send', value, 'a string, a Uint8Array or a Slice')
}
