import { optionRange } from '../core/errors.js'
import { integerOption } from '../core/validate.js'
import type { Input } from './input.js'
import type { PayloadForm, PayloadType } from './payload.js'

export type LengthWidth = 1 | 2 | 3 | 4 | 8 | 'varint'

export interface LengthPrefixedOptions<As extends PayloadType = 'buffer'> {
  /**
   * Of the length, an unsigned whole number: 1, 2, 3, 4 or 8 bytes; 'varint': 1 to 5 bytes, unsigned
   * LEB128 of at most 32 bits, as protobuf and MQTT have it, and no byte more than it needs.
   */
  lengthBytes: LengthWidth
  /** Default 'big', the order of the network. Not with 'varint'. */
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
   * within the length, and with 'varint' not behind its beginning. Default: all up to the end of the
   * length.
   */
  stripBytes?: number
  /** Of one message, without what is stripped; 1 to 2^30, as text to 2^29 - 65536. Default 65536. */
  maxMessageBytes?: number
  /** Default 'buffer'. */
  as?: As
}

/** Whose options they are. */
export const CODEC = 'lengthPrefixed'
const HEADER_BYTES_MAX = 65_536

/** How frames are laid out, apart from the number that says how long they are. */
export class FrameLayout {
  readonly offset: number
  readonly adjustment: number
  readonly strip: number | undefined
  readonly maxMessageBytes: number

  /** `lengthMax`: of the length itself, in bytes, at most. */
  constructor(
    options: LengthPrefixedOptions<PayloadType>,
    lengthMax: number,
    form: PayloadForm<PayloadType>,
  ) {
    const { offsetBytes = 0, adjustmentBytes = 0, stripBytes } = options
    this.offset = integerOption(`${CODEC}: offsetBytes`, offsetBytes, 0, HEADER_BYTES_MAX, 'bytes')
    const [least, most] = [-HEADER_BYTES_MAX, HEADER_BYTES_MAX]
    this.adjustment = integerOption(
      `${CODEC}: adjustmentBytes`,
      adjustmentBytes,
      least,
      most,
      'bytes',
    )
    this.strip =
      stripBytes === undefined
        ? undefined
        : integerOption(`${CODEC}: stripBytes`, stripBytes, 0, 2 * HEADER_BYTES_MAX, 'bytes')
    this.maxMessageBytes = form.maxMessageBytes(options.maxMessageBytes)
    const kept = this.offset + lengthMax - (this.strip ?? this.offset + lengthMax)
    if (kept > this.maxMessageBytes) {
      const why = `at least ${kept}, of which messages that keep their length consist`
      throw optionRange(`${CODEC}: maxMessageBytes`, this.maxMessageBytes, why)
    }
  }

  /**
   * How many bytes the frame at input.start has, of which `head` are those up to the end of the length,
   * `strip` no part of the message, and `stated` is the length.
   */
  frameOf(input: Input, head: number, strip: number, stated: number): number {
    const frame = head + stated + this.adjustment
    const length = frame - strip
    const limit = this.maxMessageBytes
    if (length > limit) {
      throw input.malformed(`a message of ${length} bytes; at most ${limit} are allowed`, {
        at: input.start + this.offset,
        limit,
      })
    }
    if (frame < head || length < 0) {
      const at = input.start + this.offset
      throw input.malformed(`a frame of ${frame} bytes, which ends before it may`, { at })
    }
    return frame
  }
}
