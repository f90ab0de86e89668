import { HoldfastError } from './errors.js'

/**
 * ERR_HOLDFAST_PROTOCOL: what a client sent breaks its protocol. Thrown by a codec or a handler it
 * ends that connection with protocol-error, and stands in the completion as `error`: a new one for each.
 */
export class ProtocolError extends HoldfastError {
  override readonly name = 'ProtocolError'
  /**
   * Of the first byte that is wrong, counted from the first byte of the connection. Where who throws it
   * does not know, it becomes that of the message under way; null: there is none.
   */
  offset: number | null
  /** The limit that was exceeded, in the unit that the message names; null: it is no limit. */
  readonly limit: number | null

  constructor(message: string, where: { offset?: number; limit?: number } = {}) {
    super('ERR_HOLDFAST_PROTOCOL', message)
    this.offset = where.offset ?? null
    this.limit = where.limit ?? null
  }
}
