import { expect, test } from 'vitest'
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
  [{ connections: 0 }, 'limits.connections must be an integer from 1'],
  [{ whenRefused: 'suspend' }, "limits.whenRefused must be one of 'reset', 'message'"],
  [{ rules: [{ cidr: '10.0.0/8' }] }, 'limits.rules[0].cidr must be an address or a network'],
  [{ rules: [{ cidr: '10.0.0/8' }] }, 'got "10.0.0/8"'],
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
  [{ queuedBytes: 0 }, 'limits.queuedBytes must be an integer from 1 to 1099511627776 bytes'],
  [{ queuedBytes: 2 ** 41 }, 'limits.queuedBytes must be an integer from 1'],
  [{ queuedBytes: '1 MB' }, 'limits.queuedBytes must be an integer from 1'],
])('%o is refused: %s', (limits, message) => {
  expect(() => resolveQueueMemory(limits, 65_536)).toThrow(message)
})
