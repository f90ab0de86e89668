import { isIP } from 'node:net'
import { bytesOfAddress } from '../core/cidr.js'
import { optionRange, optionType } from '../core/errors.js'
import type { PeerAddress } from './peer.js'

/** @throws HoldfastTypeError, HoldfastRangeError */
export function addressOption(option: string, text: unknown): PeerAddress {
  const allowed = "an IP address such as '192.0.2.1' or '2001:db8::1'"
  if (typeof text !== 'string') {
    throw optionType(option, text, allowed)
  }
  if (isIP(text) === 0 || text.includes('%')) {
    throw optionRange(option, text, allowed)
  }
  return { text, bytes: bytesOfAddress(text) }
}
