import { checkOptionNames, objectOption } from '../core/validate.js'
import type { Codec } from './codec.js'
import { counted } from './counted.js'
import type { Payload, PayloadType, PayloadTypes } from './payload.js'

export interface NetstringOptions<As extends PayloadType = 'buffer'> {
  /** Of one message; 1 to 2^30, as text to 2^29 - 65536. Default 65536. */
  maxMessageBytes?: number
  /** Default 'buffer'. */
  as?: As
}

/** `5:hello,` (D. J. Bernstein, "Netstrings", 1997). */
export function netstring<As extends PayloadType = 'buffer'>(
  options: NetstringOptions<As> = {},
): Codec<PayloadTypes[As], Payload> {
  checkOptionNames('netstring', objectOption('netstring', options), ['maxMessageBytes', 'as'])
  return counted<As>({ ...options, separator: ':', terminator: ',' })
}
