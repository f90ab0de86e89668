import { optionRange, optionType, unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import { checkOptionNames, choiceOption, integerOption } from '../core/validate.js'
import { type Codec, INCOMPLETE } from './codec.js'
import type { Input } from './input.js'
import { MESSAGE_BYTES_DEFAULT, MESSAGE_BYTES_MAX } from './limits.js'
import { type Payload, PayloadForm, type PayloadType, type PayloadTypes } from './payload.js'
import { readUint, writeUint } from './uint.js'

export type LengthWidth = 1 | 2 | 3 | 4 | 8

export interface LengthPrefixedOptions<As extends PayloadType = 'buffer'> {
  /** Of the length: 1, 2, 3, 4 or 8 bytes, an unsigned whole number. */
  lengthBytes: LengthWidth
  /** Default 'big', the order of the network. */
  endian?: 'big' | 'little'
  /** How many bytes of the frame come before the length; 0 to 65536. Default 0. */
  offsetBytes?: number
  /**
   * Added to the length it gives how many bytes of the frame come behind it: -8 where the length counts
   * an offset of 4 and itself as well. -65536 to 65536, default 0.
   */
  adjustmentBytes?: number
  /**
   * How many of the first bytes of a frame are no part of the message; sent as zeros. It must not end
   * within the length. Default: all up to the end of the length.
   */
  stripBytes?: number
  /** Of one message, without what is stripped; 1 to 2^30. Default 65536. */
  maxMessageBytes?: number
  /** Default 'buffer'. */
  as?: As
}

const HEADER_BYTES_MAX = 65_536
const OPTION_NAMES = [
  ...['lengthBytes', 'endian', 'offsetBytes', 'adjustmentBytes', 'stripBytes'],
  ...['maxMessageBytes', 'as'],
]

/** Frames that say how long they are. */
export function lengthPrefixed<As extends PayloadType = 'buffer'>(
  options: LengthPrefixedOptions<As>,
): Codec<PayloadTypes[As], Payload> {
  checkOptionNames('lengthPrefixed', { ...options }, OPTION_NAMES)
  return new LengthPrefixed<As>(options)
}

class LengthPrefixed<As extends PayloadType> implements Codec<PayloadTypes[As], Payload> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #width: number
  readonly #little: boolean
  readonly #offset: number
  /** Up to the end of the length. */
  readonly #head: number
  readonly #adjustment: number
  readonly #strip: number
  readonly #maxStated: number
  readonly #maxMessageBytes: number
  readonly #form: PayloadForm<As>

  constructor(options: LengthPrefixedOptions<As>) {
    const { lengthBytes, endian = 'big', offsetBytes = 0, adjustmentBytes = 0 } = options
    const width = lengthWidth(lengthBytes)
    this.#width = width
    this.#maxStated = 256 ** width - 1
    this.#little = choiceOption('endian', endian, ['big', 'little']) === 'little'
    this.#offset = integerOption('offsetBytes', offsetBytes, 0, HEADER_BYTES_MAX, 'bytes')
    this.#head = this.#offset + width
    this.#adjustment = integerOption(
      'adjustmentBytes',
      adjustmentBytes,
      -HEADER_BYTES_MAX,
      HEADER_BYTES_MAX,
      'bytes',
    )
    const { stripBytes = this.#head, maxMessageBytes = MESSAGE_BYTES_DEFAULT } = options
    this.#strip = integerOption('stripBytes', stripBytes, 0, 2 * HEADER_BYTES_MAX, 'bytes')
    if (this.#strip > this.#offset && this.#strip < this.#head) {
      throw optionRange(
        'stripBytes',
        stripBytes,
        `at most offsetBytes (${this.#offset}) or at least ${this.#head}, behind the length`,
      )
    }
    this.#maxMessageBytes = integerOption(
      'maxMessageBytes',
      maxMessageBytes,
      1,
      MESSAGE_BYTES_MAX,
      'bytes',
    )
    this.#form = new PayloadForm<As>(options.as, 'buffer' as As)
    this.borrows = this.#form.borrows
    this.maxFrameBytes = this.#maxMessageBytes + this.#strip
  }

  decode(input: Input): PayloadTypes[As] | typeof INCOMPLETE {
    const { bytes, start, end } = input
    const head = this.#head
    if (end - start < head) {
      return INCOMPLETE
    }
    const stated = readUint(bytes, start + this.#offset, this.#width, this.#little)
    const frame = head + stated + this.#adjustment
    const length = frame - this.#strip
    if (frame < head || length < 0) {
      const at = start + this.#offset
      throw input.malformed(`a frame cannot have ${frame} bytes`, { at })
    }
    if (length > this.#maxMessageBytes) {
      const limit = this.#maxMessageBytes
      const at = start + this.#offset
      throw input.malformed(`a message of ${length} bytes; at most ${limit} are allowed`, {
        at,
        limit,
      })
    }
    if (end - start < frame) {
      return INCOMPLETE
    }
    input.start = start + frame
    return this.#form.make(bytes, start + this.#strip, start + frame, this)
  }

  encode(message: Payload, output: Output): void {
    const before = output.length
    this.#skip(output)
    this.#form.put(message, output)
    const frame = output.length - before
    const length = frame - this.#strip
    if (length > this.#maxMessageBytes) {
      throw unfitMessage(`it has ${length} bytes; at most ${this.#maxMessageBytes} are allowed`)
    }
    const stated = frame - this.#head - this.#adjustment
    if (frame < this.#head || stated < 0 || stated > this.#maxStated) {
      throw unfitMessage(`its length would be ${stated}, in ${this.#width} bytes`)
    }
    writeUint(output.bytes, output.at - frame + this.#offset, stated, this.#width, this.#little)
  }

  /** What was stripped is sent as zeros. */
  #skip(output: Output): void {
    const strip = this.#strip
    output.need(strip)
    if (strip > this.#width) {
      output.bytes.fill(0, output.at, output.at + strip)
    }
    output.at += strip
  }
}

function lengthWidth(value: unknown): number {
  if (typeof value !== 'number') {
    throw optionType('lengthBytes', value, '1, 2, 3, 4 or 8')
  }
  if (![1, 2, 3, 4, 8].includes(value)) {
    throw optionRange('lengthBytes', value, '1, 2, 3, 4 or 8')
  }
  return value
}
