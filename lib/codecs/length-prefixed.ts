import { optionRange, optionType, unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import { choiceOption } from '../core/validate.js'
import { type Codec, INCOMPLETE } from './codec.js'
import { CODEC, FrameLayout, type LengthPrefixedOptions } from './frame.js'
import type { Input } from './input.js'
import {
  codecOptions,
  type Payload,
  PayloadForm,
  type PayloadType,
  type PayloadTypes,
} from './payload.js'
import { readUint, writeUint } from './uint.js'
import { VarintPrefixed } from './varint-prefixed.js'

const OPTION_NAMES = [
  ...['lengthBytes', 'endian', 'offsetBytes', 'adjustmentBytes', 'stripBytes'],
  ...['maxMessageBytes', 'as'],
]
const WIDTHS: unknown[] = [1, 2, 3, 4, 8, 'varint']

/** Frames that say how long they are. */
export function lengthPrefixed<As extends PayloadType = 'buffer'>(
  options: LengthPrefixedOptions<As>,
): Codec<PayloadTypes[As], Payload> {
  codecOptions(CODEC, options, OPTION_NAMES)
  const { lengthBytes } = options
  const allowed = "1, 2, 3, 4, 8 or 'varint'"
  if (typeof lengthBytes !== 'number' && typeof lengthBytes !== 'string') {
    throw optionType(`${CODEC}: lengthBytes`, lengthBytes, allowed)
  }
  if (!WIDTHS.includes(lengthBytes)) {
    throw optionRange(`${CODEC}: lengthBytes`, lengthBytes, allowed)
  }
  return lengthBytes === 'varint'
    ? new VarintPrefixed<As>(options)
    : new LengthPrefixed<As>(options, lengthBytes)
}

class LengthPrefixed<As extends PayloadType> implements Codec<PayloadTypes[As], Payload> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #layout: FrameLayout
  readonly #width: number
  readonly #little: boolean
  /** Up to the end of the length. */
  readonly #head: number
  readonly #strip: number
  readonly #maxStated: number
  readonly #form: PayloadForm<As>

  constructor(options: LengthPrefixedOptions<As>, width: number) {
    const form = new PayloadForm<As>(CODEC, options.as, 'buffer' as As)
    const layout = new FrameLayout(options, width, form)
    const { offset, maxMessageBytes } = layout
    this.#layout = layout
    this.#width = width
    this.#maxStated = 256 ** width - 1
    this.#little =
      choiceOption(`${CODEC}: endian`, options.endian ?? 'big', ['big', 'little']) === 'little'
    this.#head = offset + width
    this.#strip = layout.strip ?? this.#head
    if (this.#strip > offset && this.#strip < this.#head) {
      throw optionRange(
        `${CODEC}: stripBytes`,
        this.#strip,
        `at most offsetBytes (${offset}) or at least ${this.#head}, behind the length`,
      )
    }
    this.#form = form
    this.borrows = form.borrows
    this.maxFrameBytes = maxMessageBytes + this.#strip
  }

  decode(input: Input): PayloadTypes[As] | typeof INCOMPLETE {
    const { bytes, start, end } = input
    const head = this.#head
    if (end - start < head) {
      return INCOMPLETE
    }
    const stated = readUint(bytes, start + this.#layout.offset, this.#width, this.#little)
    const frame = this.#layout.frameOf(input, head, this.#strip, stated)
    if (end - start < frame) {
      return INCOMPLETE
    }
    input.start = start + frame
    return this.#form.make(bytes, start + this.#strip, start + frame)
  }

  encode(message: Payload, output: Output): void {
    const before = output.at - output.start
    const strip = this.#strip
    const { offset, adjustment, maxMessageBytes } = this.#layout
    output.zeros(strip)
    this.#form.put(message, output)
    const frame = output.at - output.start - before
    const stated = frame - this.#head - adjustment
    if (frame - strip > maxMessageBytes) {
      throw unfitMessage(`it has ${frame - strip} bytes; at most ${maxMessageBytes} are allowed`)
    }
    if (frame < this.#head || stated < 0 || stated > this.#maxStated) {
      throw unfitMessage(`its length would be ${stated}, in ${this.#width} bytes`)
    }
    writeUint(output.bytes, output.at - frame + offset, stated, this.#width, this.#little)
  }
}
