import { SocketAddress } from 'node:net'
import { expect, test } from 'vitest'
import { formatIPv4, formatIPv6 } from '../../../lib/core/address.js'

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(/[ :]/g, ''), 'hex')

test('IPv4 is dotted decimal, at any offset', () => {
  expect(formatIPv4(Buffer.from([9, 127, 0, 0, 1]), 1)).toBe('127.0.0.1')
})

test.each([
  ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
  ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  ['2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
  ['2001:0000:0000:0001:0000:0000:0000:0001', '2001:0:0:1::1'],
  ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
  ['fe80:0000:0000:0000:0000:0000:0000:0000', 'fe80::'],
  ['2001:0DB8:ABCD:0012:0F00:000A:1000:FFFF', '2001:db8:abcd:12:f00:a:1000:ffff'],
  ['0000:0000:0000:0000:0000:ffff:c000:0207', '::ffff:192.0.2.7'],
])('%s prints as %s', (hex, text) => {
  expect(formatIPv6(bytesOf(hex), 0)).toBe(text)
})

test('agrees with Node on its own parsing of the text', () => {
  const text = formatIPv6(bytesOf('2001:0db8:0000:0000:0001:0000:0000:0001'), 0)
  expect(new SocketAddress({ address: text, family: 'ipv6' }).address).toBe(text)
})
