import { expect, test } from 'vitest'
import { parseCidr } from '../../../lib/core/cidr.js'

test.each([
  ['10.0.0.0/8', { address: '10.0.0.0', family: 4, bits: 8 }],
  ['172.16.0.0/12', { address: '172.16.0.0', family: 4, bits: 12 }],
  ['0.0.0.0/0', { address: '0.0.0.0', family: 4, bits: 0 }],
  ['192.0.2.1', { address: '192.0.2.1', family: 4, bits: 32 }],
  ['2001:db8::/32', { address: '2001:db8::', family: 6, bits: 32 }],
  ['::1', { address: '::1', family: 6, bits: 128 }],
])('%s is a network', (text, cidr) => {
  expect(parseCidr('cidr', text)).toEqual(cidr)
})

test.each([
  ['0:0::1', '::1', 128],
  ['2001:0DB8:0:0:0:0:0:0/32', '2001:db8::', 32],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', 128],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 128],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', 128],
  ['::', '::', 128],
  ['::/0', '::', 0],
  ['fe80::8000/113', 'fe80::8000', 113],
])('%s is written as %s, %i bits', (text, address, bits) => {
  expect(parseCidr('cidr', text)).toEqual({ address, family: 6, bits })
})

test.each([
  ['::ffff:127.0.0.1', '127.0.0.1', 32],
  ['::FFFF:7f00:1/128', '127.0.0.1', 32],
  ['0:0:0:0:0:ffff:a00:0/104', '10.0.0.0', 8],
  ['::ffff:0:0/96', '0.0.0.0', 0],
])('%s is IPv4: %s, %i bits', (text, address, bits) => {
  expect(parseCidr('cidr', text)).toEqual({ address, family: 4, bits })
})

test.each([
  ['::/0', '::', 0],
  ['::/80', '::', 80],
  ['::ffff:0:0:0/80', '::ffff:0:0:0', 80],
  ['::fffe:0:0/95', '::fffe:0:0', 95],
])('%s has more than IPv4 in it, or none of it, and is IPv6', (text, address, bits) => {
  expect(parseCidr('cidr', text)).toEqual({ address, family: 6, bits })
})

test.each([
  ['127.9.9.9/8', '127.0.0.0/8'],
  ['10.0.0.1/31', '10.0.0.0/31'],
  ['1.2.3.4/0', '0.0.0.0/0'],
  ['2001:db8::1/32', '2001:db8::/32'],
  ['::1/127', '::/127'],
  ['fe80::8000/112', 'fe80::/112'],
  ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
  ['::ffff:0:0/80', '::/80'],
])('bits beyond the length of %s: it should be %s', (text, network) => {
  const message = `cidr must be a network without bits beyond its length, as ${network} is; got "${text}"`
  expect(() => parseCidr('cidr', text)).toThrow(message)
})

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/00',
  '010.0.0.0/8',
  '::/129',
  '::/064',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0/8',
  ' 10.0.0.0/8',
  'fe80::1%lo/64',
  '1:2:3:4:5:6:7',
  '::ffff:10.0.0.256',
])('%j is none, and the message has the text', (text) => {
  expect(() => parseCidr('cidr', text)).toThrow(JSON.stringify(text))
})

test.each([null, undefined, 10, ['10.0.0.0/8']])('%j is no text', (value) => {
  expect(() => parseCidr('cidr', value)).toThrow(
    expect.objectContaining({ code: 'ERR_HOLDFAST_OPTION_TYPE' }),
  )
})
