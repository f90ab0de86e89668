import { SocketAddress } from 'node:net'
import { ADDRESS_BYTES, OPEN_PEER_BYTES } from '../native/records.js'
import { formatIPv4, formatIPv6 } from './address.js'

/** What a proxy adds to the addresses: a type of the specification or the proxy's own, and bytes. */
export interface ProxyTlv {
  readonly type: number
  readonly value: Buffer
}

/** What the PROXY header of a connection said. */
export interface ProxyInfo {
  /** 1: a line; 2: binary. */
  readonly version: 1 | 2
  /**
   * The header names no TCP client (LOCAL, UNKNOWN, UNSPEC, UDP, UNIX): the connection has the
   * addresses of its socket. So health checks come.
   */
  readonly local: boolean
  /** The other end of the socket. */
  readonly proxyAddress: string
  readonly proxyPort: number
  /** Where the client had connected to; null when `local`. */
  readonly destinationAddress: string | null
  readonly destinationPort: number | null
  /**
   * In the order they came; none in version 1, nor where a LOCAL header has something else in their
   * place. Native has verified a CRC-32C among them, but for a LOCAL header.
   */
  readonly tlvs: readonly ProxyTlv[]
}

type Destination = Pick<ProxyInfo, 'local' | 'destinationAddress' | 'destinationPort'>

const LOCAL: Destination = { local: true, destinationAddress: null, destinationPort: null }

// Version 2: a signature of 12 bytes, version and command, family and transport, length.
const COMMAND = 12
const FAMILY = 13
const FIXED_BYTES = 16
/** Type and length. */
const TLV_HEAD_BYTES = 3
const COMMAND_LOCAL = 0x20
/** Both addresses and ports, by family and transport. */
const BLOCK_BYTES = new Map([
  [0x00, 0],
  [0x11, 12],
  [0x12, 12],
  [0x21, 36],
  [0x22, 36],
  [0x31, 216],
  [0x32, 216],
])

/**
 * Reads the payload of an open record, given as latin1: the other end of the socket, then a header
 * that native has found to be right.
 */
export function readProxyHeader(payload: string): ProxyInfo {
  const bytes = Buffer.from(payload, 'latin1')
  const header = bytes.subarray(OPEN_PEER_BYTES)
  const isV4 = bytes[ADDRESS_BYTES + 2] === 4
  const proxy = {
    proxyAddress: isV4 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0),
    proxyPort: bytes.readUInt16BE(ADDRESS_BYTES),
  }
  const text = payload.slice(OPEN_PEER_BYTES)
  return text.startsWith('PROXY')
    ? { version: 1, ...readLine(text), ...proxy, tlvs: [] }
    : { version: 2, ...readAddresses(header), ...proxy, tlvs: readTlvs(header) }
}

/** PROXY TCP6 source destination source-port destination-port */
function readLine(line: string): Destination {
  const [, family, , address, , port] = line.trimEnd().split(' ')
  if (family !== 'TCP4' && family !== 'TCP6') {
    return LOCAL
  }
  const parsed = new SocketAddress({
    address: address as string,
    family: family === 'TCP4' ? 'ipv4' : 'ipv6',
  })
  return { local: false, destinationAddress: parsed.address, destinationPort: Number(port) }
}

function readAddresses(header: Buffer): Destination {
  const isTcp4 = header[FAMILY] === 0x11
  if (header[COMMAND] === COMMAND_LOCAL || (!isTcp4 && header[FAMILY] !== 0x21)) {
    return LOCAL
  }
  const addressBytes = isTcp4 ? 4 : 16
  const at = FIXED_BYTES + addressBytes
  return {
    local: false,
    destinationAddress: isTcp4 ? formatIPv4(header, at) : formatIPv6(header, at),
    // Behind both addresses and the source's port.
    destinationPort: header.readUInt16BE(FIXED_BYTES + 2 * addressBytes + 2),
  }
}

/** Behind the addresses. Native has seen that they fit, but of a LOCAL header it minds the length alone. */
function readTlvs(header: Buffer): ProxyTlv[] {
  const tlvs: ProxyTlv[] = []
  let at = FIXED_BYTES + (BLOCK_BYTES.get(header[FAMILY] as number) ?? header.length)
  while (at + TLV_HEAD_BYTES <= header.length) {
    const value = at + TLV_HEAD_BYTES
    const end = value + header.readUInt16BE(at + 1)
    tlvs.push({ type: header[at] as number, value: header.subarray(value, end) })
    at = end
  }
  return at === header.length ? tlvs : []
}
