import { HoldfastError } from './errors.js'
import { checkOptionNames } from './validate.js'

/**
 * ERR_HOLDFAST_PROTOCOL: what a client sent breaks its protocol. Thrown by a codec or a handler it
 * ends that connection with protocol-error, and stands in the completion as `error`: a new one for each.
 */
export class ProtocolError extends HoldfastError {
  override readonly name = 'ProtocolError'
  #offset: number | null
  /** The limit that was exceeded, in the unit that the message names; null: it is no limit. */
  readonly limit: number | null

  constructor(message: string, where: { offset?: number; limit?: number } = {}) {
    super('ERR_HOLDFAST_PROTOCOL', withPlace(message, where.offset ?? null))
    checkOptionNames('ProtocolError', { ...where }, ['offset', 'limit'])
    this.#offset = where.offset ?? null
    this.limit = where.limit ?? null
  }

  /**
   * Of the first byte that is wrong, counted from the first byte of the connection. Where who throws it
   * does not know, it becomes that of the message under way; null: there is none.
   */
  get offset(): number | null {
    return this.#offset
  }

  /** Once it is known, the message ends with it, and so does what is printed of the stack. */
  set offset(offset: number | null) {
    const { message, stack } = this
    this.#offset = offset
    this.message = withPlace(message, offset)
    if (this.message !== message && stack !== undefined) {
      this.stack = stack.replace(message, () => this.message)
    }
  }
}

function withPlace(message: string, offset: number | null): string {
  const place = ` (byte ${offset} of the connection)`
  return offset === null || message.endsWith(place) ? message : message + place
}
