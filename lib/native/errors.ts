/**
 * An error holdfast raises by itself; bad values are HoldfastTypeError and HoldfastRangeError.
 * `code` starts with `ERR_HOLDFAST_`.
 * Errors of the operating system and of dns keep the shape Node gives them and are not of this class.
 */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
