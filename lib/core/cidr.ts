import { isIP } from 'node:net'
import { optionRange, optionType } from './errors.js'

/** A network: the address as text, and how many of its first bits count. */
export interface Cidr {
  readonly address: string
  readonly family: 4 | 6
  readonly bits: number
}

const SHAPE = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/

/**
 * '10.0.0.0/8', '2001:db8::/32', or an address alone for all of its bits (RFC 4632, RFC 4291). Bits
 * beyond the length are ignored.
 * @throws HoldfastTypeError, HoldfastRangeError with the offending text
 */
export function parseCidr(option: string, text: unknown): Cidr {
  const allowed = "an address or a network such as '10.0.0.0/8' or '2001:db8::/32'"
  if (typeof text !== 'string') {
    throw optionType(option, text, allowed)
  }
  const [, address = '', length] = SHAPE.exec(text) ?? []
  const family = isIP(address)
  const most = family === 6 ? 128 : 32
  const bits = length === undefined ? most : Number(length)
  if ((family !== 4 && family !== 6) || bits > most) {
    throw optionRange(option, text, allowed)
  }
  return { address, family, bits }
}
