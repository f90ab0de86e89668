import { expect, test } from 'vitest'
import { parseCidr } from '../../../lib/core/cidr.js'
import { resolveLimits, resolveQueueMemory } from '../../../lib/core/limits.js'

test('without limits everybody may come', () => {
  expect(resolveLimits(undefined)).toEqual({
    ...{ connections: 0, connectionsPerAddress: 0, v4Bits: 32, v6Bits: 64 },
    ...{ perSecond: 0, burst: 0, perSecondPerAddress: 0, burstPerAddress: 0 },
    ...{ rules: [], denyOthers: false, whenFull: 'suspend', whenRefused: 'reset' },
    message: new Uint8Array(0),
  })
})

test('a burst is a second of the rate unless it is given', () => {
  expect(resolveLimits({ acceptsPerSecond: 50 })).toMatchObject({ perSecond: 50, burst: 50 })
  expect(resolveLimits({ acceptsPerSecond: 50, acceptBurst: 5 })).toMatchObject({ burst: 5 })
})

test('rules become prefixes, allow unless they deny', () => {
  const rules = [
    { cidr: '10.0.0.0/8', connections: 7 },
    { cidr: '2001:db8::/32', action: 'deny' },
  ]
  expect(resolveLimits({ rules }).rules).toEqual([
    { address: '10.0.0.0', family: 4, bits: 8, deny: false, connections: 7 },
    { address: '2001:db8::', family: 6, bits: 32, deny: true, connections: 0 },
  ])
})

test.each([
  [
    { connections: 10, connectionsPerAddress: 11 },
    'limits.connectionsPerAddress must be at most limits.connections (10); got 11',
  ],
  [
    { acceptsPerSecond: 10, acceptsPerSecondPerAddress: 20 },
    'limits.acceptsPerSecondPerAddress must be at most limits.acceptsPerSecond (10); got 20',
  ],
  [{ acceptBurst: 5 }, 'limits.acceptBurst must be left out without limits.acceptsPerSecond'],
  [{ connections: 0 }, 'limits.connections must be an integer from 1'],
  [{ whenRefused: 'suspend' }, "limits.whenRefused must be one of 'reset', 'message'"],
  [{ whenFull: 'message' }, 'limits.refusalMessage must be 1 to 4096 bytes'],
  [{ refusalMessage: 'no' }, 'limits.refusalMessage must be left out unless'],
  [{ rules: [{ cidr: '10.0.0/8' }] }, 'limits.rules[0].cidr must be an address or a network'],
  [{ rules: [{ cidr: '10.0.0/8' }] }, 'got "10.0.0/8"'],
  [
    { rules: [{ cidr: '::/0' }, { cidr: '::/0' }] },
    'a network that no other rule has (limits.rules[0] has it)',
  ],
  [
    { connections: 5, rules: [{ cidr: '::1', connections: 6 }] },
    'limits.rules[0].connections must be at most limits.connections (5); got 6',
  ],
  [{ perAddress: 5 }, 'limits has no option "perAddress"'],
])('%o is refused: %s', (limits, message) => {
  expect(() => resolveLimits(limits)).toThrow(message)
})

test('the memory of write queues is unlimited unless it is given', () => {
  expect(resolveQueueMemory(undefined, 65_536)).toBe(0)
  expect(resolveQueueMemory({ connections: 5 }, 65_536)).toBe(0)
  expect(resolveQueueMemory({ queuedBytes: 65_536 }, 65_536)).toBe(65_536)
  expect(resolveQueueMemory({ queuedBytes: 2 ** 40 }, 65_536)).toBe(2 ** 40)
})

test.each([
  [
    { queuedBytes: 65_535 },
    'limits.queuedBytes must be at least highWatermarkBytes (65536); got 65535',
  ],
  [{ queuedBytes: 0 }, 'limits.queuedBytes must be an integer from 1 to 1099511627776 bytes'],
  [{ queuedBytes: 2 ** 41 }, 'limits.queuedBytes must be an integer from 1'],
  [{ queuedBytes: '1 MB' }, 'limits.queuedBytes must be an integer from 1'],
])('%o is refused: %s', (limits, message) => {
  expect(() => resolveQueueMemory(limits, 65_536)).toThrow(message)
})

test.each([
  ['10.0.0.0/8', { address: '10.0.0.0', family: 4, bits: 8 }],
  ['0.0.0.0/0', { address: '0.0.0.0', family: 4, bits: 0 }],
  ['192.0.2.1', { address: '192.0.2.1', family: 4, bits: 32 }],
  ['2001:db8::/32', { address: '2001:db8::', family: 6, bits: 32 }],
  ['::1', { address: '::1', family: 6, bits: 128 }],
])('%s is a network', (text, cidr) => {
  expect(parseCidr('cidr', text)).toEqual(cidr)
})

test.each([
  '',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  'fe80::1%lo/64',
])('%j is none, and the message has the text', (text) => {
  expect(() => parseCidr('cidr', text)).toThrow(JSON.stringify(text))
})
