import { optionRange, unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import { type Codec, INCOMPLETE } from './codec.js'
import { CODEC, FrameLayout, type LengthPrefixedOptions } from './frame.js'
import type { Input } from './input.js'
import { type Payload, PayloadForm, type PayloadType, type PayloadTypes } from './payload.js'
import { endOfVarint, readVarint, VARINT_BYTES_MAX, VARINT_MAX, writeVarint } from './varint.js'

/** Frames whose length is a varint. */
export class VarintPrefixed<As extends PayloadType> implements Codec<PayloadTypes[As], Payload> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #layout: FrameLayout
  readonly #form: PayloadForm<As>

  constructor(options: LengthPrefixedOptions<As>) {
    const form = new PayloadForm<As>(CODEC, options.as, 'buffer' as As)
    const layout = new FrameLayout(options, VARINT_BYTES_MAX, form)
    if (options.endian !== undefined) {
      throw optionRange(`${CODEC}: endian`, options.endian, "left out with lengthBytes: 'varint'")
    }
    const { offset, strip = offset + VARINT_BYTES_MAX } = layout
    if (layout.strip !== undefined && strip > offset) {
      const allowed = `at most offsetBytes (${offset}) with lengthBytes: 'varint', or left out`
      throw optionRange(`${CODEC}: stripBytes`, options.stripBytes, allowed)
    }
    this.#layout = layout
    this.#form = form
    this.borrows = form.borrows
    this.maxFrameBytes = layout.maxMessageBytes + strip
  }

  decode(input: Input): PayloadTypes[As] | typeof INCOMPLETE {
    const { bytes, start, end } = input
    const { offset, strip } = this.#layout
    const at = start + offset
    const behind = endOfVarint(bytes, at, end)
    if (behind < 0) {
      throw input.malformed('the length is no varint of 32 bits in as few bytes as it needs', {
        at: ~behind,
      })
    }
    if (behind > end) {
      return INCOMPLETE
    }
    const head = behind - start
    const stated = readVarint(bytes, at, behind)
    const frame = this.#layout.frameOf(input, head, strip ?? head, stated)
    if (end - start < frame) {
      return INCOMPLETE
    }
    input.start = start + frame
    return this.#form.make(bytes, start + (strip ?? head), start + frame)
  }

  encode(message: Payload, output: Output): void {
    const { offset, strip } = this.#layout
    if (strip !== undefined) {
      this.#encodeWhole(message, output, strip)
      return
    }
    const length = this.#form.sizeOf(message)
    const stated = length - this.#layout.adjustment
    this.#check(length, stated)
    output.zeros(offset)
    output.need(VARINT_BYTES_MAX)
    output.at = writeVarint(output.bytes, output.at, stated)
    this.#form.put(message, output)
  }

  /** One that begins before its length: that must be in it, and right. */
  #encodeWhole(message: Payload, output: Output, strip: number): void {
    const { offset, adjustment } = this.#layout
    const before = output.length
    output.zeros(strip)
    this.#form.put(message, output)
    const { bytes, at: end } = output
    const frame = output.length - before
    const at = end - frame + offset
    const behind = endOfVarint(bytes, at, end)
    if (behind < 0 || behind > end) {
      throw unfitMessage(`no varint stands at its byte ${offset - strip}`)
    }
    const stated = end - behind - adjustment
    this.#check(frame - strip, stated)
    if (readVarint(bytes, at, behind) !== stated) {
      throw unfitMessage(`the varint at its byte ${offset - strip} must be ${stated}`)
    }
  }

  #check(length: number, stated: number): void {
    const { maxMessageBytes } = this.#layout
    if (length > maxMessageBytes) {
      throw unfitMessage(`it has ${length} bytes; at most ${maxMessageBytes} are allowed`)
    }
    if (stated < 0 || stated > VARINT_MAX) {
      throw unfitMessage(`its length would be ${stated}`)
    }
  }
}
