import { HoldfastError } from '../native/errors.js'

/** ERR_HOLDFAST_TEST: what a test server found wrong, or what a test asked of it that cannot be. */
export function testError(message: string, cause?: unknown): HoldfastError {
  return new HoldfastError('ERR_HOLDFAST_TEST', message, cause === undefined ? {} : { cause })
}
