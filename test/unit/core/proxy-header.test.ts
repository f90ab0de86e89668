import { expect, test } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { readProxyHeader } from '../../../lib/core/proxy-header.js'
import { fakeServer } from '../../support/fake-server.js'
import {
  COMMAND_LOCAL,
  COMMAND_PROXY,
  TLV_CRC32C,
  TLV_UNIQUE_ID,
  tlv,
  v1,
  v2,
  v2Checked,
  v2Of,
} from '../../support/proxy-headers.js'

/** The payload of an open record: the proxy at 10.0.0.9:50000, then the header. */
function payload(header: Buffer, address = [10, 0, 0, 9], family = 4): Buffer {
  const peer = Buffer.alloc(24)
  peer.set(address)
  peer.writeUInt16BE(50_000, 16)
  peer[18] = family
  return Buffer.concat([peer, header])
}

const read = (header: Buffer) => readProxyHeader(payload(header).toString('latin1'))

const PROXY = { proxyAddress: '10.0.0.9', proxyPort: 50_000 }
const DESTINATION = { local: false, destinationAddress: '198.51.100.1', destinationPort: 443 }
const LOCAL = { local: true, destinationAddress: null, destinationPort: null }

test('a line tells where the client had connected to', () => {
  expect(read(v1(7))).toEqual({ version: 1, ...PROXY, ...DESTINATION, tlvs: [] })
})

test('an address of IPv6 is told in its canonical form', () => {
  const line = Buffer.from('PROXY TCP6 2001:DB8::1 2001:0DB8:0:0::2 1 65535\r\n')
  expect(read(line)).toMatchObject({ destinationAddress: '2001:db8::2', destinationPort: 65_535 })
  const block = Buffer.alloc(36)
  block.set([0x20, 0x01, 0x0d, 0xb8], 16)
  block[31] = 2
  block.writeUInt16BE(80, 34)
  expect(read(v2Of(COMMAND_PROXY, 0x21, block))).toEqual({
    ...{ version: 2, ...PROXY, tlvs: [] },
    ...{ local: false, destinationAddress: '2001:db8::2', destinationPort: 80 },
  })
})

test.each([
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), 1],
  ['UNKNOWN with more', Buffer.from('PROXY UNKNOWN ::1 ::2 1 2\r\n'), 1],
  ['LOCAL', v2Of(COMMAND_LOCAL, 0x00), 2],
  ['LOCAL with addresses', v2Of(COMMAND_LOCAL, 0x11, Buffer.alloc(12)), 2],
  ['UNSPEC', v2Of(COMMAND_PROXY, 0x00), 2],
  ['UDP', v2Of(COMMAND_PROXY, 0x12, Buffer.alloc(12)), 2],
  ['UDP over IPv6', v2Of(COMMAND_PROXY, 0x22, Buffer.alloc(36)), 2],
  ['UNIX', v2Of(COMMAND_PROXY, 0x31, Buffer.alloc(216)), 2],
])('%s is local', (_, header, version) => {
  expect(read(header)).toEqual({ version, ...PROXY, ...LOCAL, tlvs: [] })
})

test('TLVs are told in order, with their bytes, whatever the family', () => {
  const unique = tlv(TLV_UNIQUE_ID, 'id-1')
  const { tlvs } = read(v2Checked(7, unique, tlv(0xea, Buffer.from([0, 255])), tlv(4, '')))
  expect(tlvs.map(({ type }) => type)).toEqual([TLV_UNIQUE_ID, 0xea, 4, TLV_CRC32C])
  expect(tlvs.slice(0, 3).map(({ value }) => value)).toEqual([
    Buffer.from('id-1'),
    Buffer.from([0, 255]),
    Buffer.alloc(0),
  ])
  for (const [family, bytes] of [
    [0x00, 0],
    [0x12, 12],
    [0x22, 36],
    [0x32, 216],
  ] as const) {
    const rest = Buffer.concat([Buffer.alloc(bytes), unique])
    const [only, ...more] = read(v2Of(COMMAND_PROXY, family, rest)).tlvs
    expect([String(only?.value), more.length]).toEqual(['id-1', 0])
  }
})

test.each([
  ['an address block that is missing', 0x11, ''],
  ['a family that is not assigned', 0x41, ''],
  ['a family that is not assigned, and more', 0x41, tlv(TLV_UNIQUE_ID, 'id-1')],
  ['what is no TLV', 0x00, Buffer.alloc(4, 0xff)],
  [
    'half a TLV behind a whole one',
    0x00,
    Buffer.concat([tlv(TLV_UNIQUE_ID, 'id-1'), Buffer.alloc(2)]),
  ],
])('a LOCAL header with %s has no TLVs', (_, family, rest) => {
  const header = v2Of(COMMAND_LOCAL, family, Buffer.from(rest as Buffer))
  expect(read(header)).toEqual({ version: 2, ...PROXY, ...LOCAL, tlvs: [] })
})

test('TLVs of a LOCAL header are told where they stand behind the addresses of its family', () => {
  const rest = Buffer.concat([Buffer.alloc(12), tlv(TLV_UNIQUE_ID, 'id-1'), tlv(4, '')])
  const { local, tlvs } = read(v2Of(COMMAND_LOCAL, 0x11, rest))
  expect([local, tlvs.map(({ type }) => type)]).toEqual([true, [TLV_UNIQUE_ID, 4]])
})

test('a proxy of IPv6 is told as such', () => {
  const bytes = payload(v1(7), [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], 6)
  expect(readProxyHeader(bytes.toString('latin1')).proxyAddress).toBe('2001:db8::9')
})

test('a connection keeps what its header said, and one without has nothing to keep', () => {
  const opened: Connection[] = []
  const { native } = fakeServer({ open: (connection) => opened.push(connection) && undefined })
  native.connect()
  native.connect(0, undefined, undefined, payload(v2(7, tlv(TLV_UNIQUE_ID, 'id-2'))))
  native.deliver()
  const [direct, proxied] = opened
  expect(direct).toMatchObject({ proxy: null, extra: null })
  const first = proxied?.proxy
  expect(first).toMatchObject({ version: 2, ...PROXY, ...DESTINATION })
  expect(String(first?.tlvs[0]?.value)).toBe('id-2')
  expect(proxied?.proxy).toBe(first)
})
