/** PROXY headers as a proxy writes them: a client at 192.0.2.HOST:4660 that connected to 198.51.100.1:443. */
export const CLIENT_PORT = 4660

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const CRC32C_BYTES = 4
export const TLV_CRC32C = 0x03
export const TLV_UNIQUE_ID = 0x05

export const COMMAND_LOCAL = 0x20
export const COMMAND_PROXY = 0x21

export function v1(host: number): Buffer {
  return Buffer.from(`PROXY TCP4 192.0.2.${host} 198.51.100.1 ${CLIENT_PORT} 443\r\n`)
}

export function v2(host: number, ...tlvs: Buffer[]): Buffer {
  const block = Buffer.from([192, 0, 2, host, 198, 51, 100, 1, 0, 0, 0, 0])
  block.writeUInt16BE(CLIENT_PORT, 8)
  block.writeUInt16BE(443, 10)
  return v2Of(COMMAND_PROXY, 0x11, Buffer.concat([block, ...tlvs]))
}

/** `rest`: addresses and TLVs. */
export function v2Of(command: number, family: number, rest = Buffer.alloc(0)): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(rest.length)
  return Buffer.concat([SIGNATURE, Buffer.from([command, family]), length, rest])
}

export function tlv(type: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string)
  const head = Buffer.from([type, 0, 0])
  head.writeUInt16BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

/** Of client 192.0.2.HOST, with a checksum behind everything else. */
export function v2Checked(host: number, ...tlvs: Buffer[]): Buffer {
  const header = v2(host, ...tlvs, tlv(TLV_CRC32C, Buffer.alloc(CRC32C_BYTES)))
  header.writeUInt32BE(crc32c(header), header.length - CRC32C_BYTES)
  return header
}

/** Bit by bit, as RFC 3720 defines it. */
function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit++) {
      rest = (rest >>> 1) ^ (rest & 1 ? 0x82f63b78 : 0)
    }
  }
  return ~rest >>> 0
}
