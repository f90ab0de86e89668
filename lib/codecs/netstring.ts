import type { Codec } from './codec.js'
import { Counted } from './counted.js'
import { codecOptions, type Payload, type PayloadType, type PayloadTypes } from './payload.js'

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
  codecOptions('netstring', options, ['maxMessageBytes', 'as'])
  return new Counted<As>('netstring', { ...options, separator: ':', terminator: ',' })
}
