import { isIP } from 'node:net'
import { formatIPv4, formatIPv6, isV4Mapped } from './address.js'
import { optionRange, optionType } from './errors.js'

/** A network: its first address as canonical text, and how many of the first bits count. */
export interface Cidr {
  readonly address: string
  readonly family: 4 | 6
  readonly bits: number
}

const SHAPE = /^([0-9a-fA-F:.]+)(?:\/(0|[1-9]\d{0,2}))?$/
/** Of ::ffff:0:0/96, in which a dual-stack socket has its IPv4 clients (RFC 4291). */
const MAPPED_BITS = 96

/**
 * '10.0.0.0/8', '2001:db8::/32', or an address alone for all of its bits (RFC 4632, RFC 4291). What
 * lies within ::ffff:0:0/96 is the IPv4 network that it maps.
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
  const bytes = bytesOfAddress(address)
  if (family === 4) {
    return network(option, text, bytes, bits)
  }
  return isV4Mapped(bytes, 0) && bits >= MAPPED_BITS
    ? network(option, text, bytes.subarray(12), bits - MAPPED_BITS)
    : network(option, text, bytes, bits)
}

/** Bits beyond the length are a slip: the rule would not be for what it seems to be for. */
function network(option: string, text: string, bytes: Uint8Array, bits: number): Cidr {
  const masked = bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * at))))
  const family = bytes.length === 4 ? 4 : 6
  const address = family === 4 ? formatIPv4(masked, 0) : formatIPv6(masked, 0)
  if (masked.some((byte, at) => byte !== bytes[at])) {
    const allowed = `a network without bits beyond its length, as ${address}/${bits} is`
    throw optionRange(option, text, allowed)
  }
  return { address, family, bits }
}

/** The 4 or 16 bytes of a valid address. */
export function bytesOfAddress(address: string): Uint8Array {
  return isIP(address) === 4 ? Uint8Array.from(address.split('.'), Number) : bytesOf(address)
}

/** Of a valid IPv6 address: URL (WHATWG) writes each as hexadecimal groups, with at most one `::`. */
function bytesOf(address: string): Uint8Array {
  const { hostname } = new URL(`http://[${address}]`)
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::')
  const groups = (part: string) => part.split(':').filter((group) => group !== '')
  const first = groups(head)
  const last = groups(tail)
  const between = Array<string>(8 - first.length - last.length).fill('0')
  return Uint8Array.from(
    [...first, ...between, ...last].flatMap((group) => {
      const word = Number.parseInt(group, 16)
      return [word >> 8, word & 0xff]
    }),
  )
}
