import { unfitMessage } from '../core/errors.js'
import type { Output } from '../core/output.js'
import { type Codec, INCOMPLETE } from './codec.js'
import type { Input } from './input.js'
import {
  codecOptions,
  type Payload,
  PayloadForm,
  type PayloadType,
  type PayloadTypes,
} from './payload.js'

export interface FixedOptions<As extends PayloadType = 'buffer'> {
  /** Of each message; 1 to 2^30, as text to 2^29 - 65536. */
  bytes: number
  /** Default 'buffer'. */
  as?: As
}

/** Messages that are all of the same length. */
export function fixed<As extends PayloadType = 'buffer'>(
  options: FixedOptions<As>,
): Codec<PayloadTypes[As], Payload> {
  codecOptions('fixed', options, ['bytes', 'as'])
  const form = new PayloadForm<As>('fixed', options.as, 'buffer' as As)
  return new Fixed(form.bytesOption('bytes', options.bytes), form)
}

class Fixed<As extends PayloadType> implements Codec<PayloadTypes[As], Payload> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #form: PayloadForm<As>

  constructor(bytes: number, form: PayloadForm<As>) {
    this.maxFrameBytes = bytes
    this.borrows = form.borrows
    this.#form = form
  }

  decode(input: Input): PayloadTypes[As] | typeof INCOMPLETE {
    const { bytes, start, end } = input
    const behind = start + this.maxFrameBytes
    if (behind > end) {
      return INCOMPLETE
    }
    input.start = behind
    return this.#form.make(bytes, start, behind)
  }

  encode(message: Payload, output: Output): void {
    const before = output.length
    this.#form.put(message, output)
    const length = output.length - before
    if (length !== this.maxFrameBytes) {
      throw unfitMessage(`it has ${length} bytes; it must have ${this.maxFrameBytes}`)
    }
  }
}
