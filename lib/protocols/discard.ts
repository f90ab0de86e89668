import type { Handler } from '../core/contract.js'

/** Reads and drops (RFC 863). */
export const discard: Handler = {
  data() {},
}
