import type { Output } from '../core/output.js'
import { functionOption, objectOption } from '../core/validate.js'
import { type Codec, INCOMPLETE } from './codec.js'
import type { Input } from './input.js'

export interface Mapping<From, To, In, Out = In> {
  /**
   * Makes a value of a message of the codec.
   * @throws ProtocolError for a message that is no such value; its offset becomes that of the message
   */
  decode(message: From): In
  /** Makes a message of a value. What it throws, send() throws. */
  encode(value: Out): To
}

/** Values made of the messages of another codec. */
export function mapped<From, To, In, Out = In>(
  codec: Codec<From, To>,
  mapping: Mapping<From, To, In, Out>,
): Codec<In, Out> {
  const given = objectOption('mapped: codec', codec)
  functionOption('mapped: codec.decode', given.decode)
  functionOption('mapped: codec.encode', given.encode)
  const { decode, encode } = objectOption('mapped: mapping', mapping)
  functionOption('mapped: mapping.decode', decode)
  functionOption('mapped: mapping.encode', encode)
  return new Mapped(codec, mapping)
}

class Mapped<From, To, In, Out> implements Codec<In, Out> {
  readonly maxFrameBytes: number
  readonly borrows: boolean
  readonly #codec: Codec<From, To>
  readonly #mapping: Mapping<From, To, In, Out>

  constructor(codec: Codec<From, To>, mapping: Mapping<From, To, In, Out>) {
    this.maxFrameBytes = codec.maxFrameBytes
    this.borrows = codec.borrows
    this.#codec = codec
    this.#mapping = mapping
  }

  decode(input: Input): In | typeof INCOMPLETE {
    const message = this.#codec.decode(input)
    return message === INCOMPLETE ? INCOMPLETE : this.#mapping.decode(message)
  }

  encode(value: Out, output: Output): void {
    this.#codec.encode(this.#mapping.encode(value), output)
  }
}
