import type { Output } from '../core/output.js'
import type { Input } from './input.js'

/** What decode() returns while the bytes of a message have not all come. */
export const INCOMPLETE: unique symbol = Symbol('holdfast.incomplete')

/**
 * Bytes to messages and back. A codec has no state of a connection's: what is incomplete is kept for
 * it, and given again with what has come since.
 */
export interface Codec<In, Out = In> {
  /** Most bytes that are kept of a message that is not complete; more end with protocol-error. */
  readonly maxFrameBytes: number
  /**
   * No message keeps anything of the bytes it was read from. They are then decoded where they were
   * received, and change after decode() has returned.
   */
  readonly borrows: boolean
  /**
   * Reads the message at input.start and moves input.start behind it; or returns INCOMPLETE and leaves
   * it. Must not call the connection.
   * @throws ProtocolError (input.malformed) for bytes that no message begins with
   */
  decode(input: Input): In | typeof INCOMPLETE
  /**
   * Writes one message. Must not call the connection.
   * @throws HoldfastTypeError for what is no message
   */
  encode(message: Out, output: Output): void
}
