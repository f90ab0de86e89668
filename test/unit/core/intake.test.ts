import { expect, test } from 'vitest'
import { resolveIntake } from '../../../lib/core/intake.js'
import { resolveLimits } from '../../../lib/core/limits.js'

const none = {
  ...{ bytesPerSecond: 0, burstBytes: 0, endsFast: false },
  ...{ pingsPerMinute: 0, pingBurst: 0, endsPinging: false },
}

test('without limits a connection may send what it likes', () => {
  expect(resolveIntake(undefined)).toEqual(none)
  expect(resolveIntake({ connections: 5 })).toEqual(none)
})

test('a burst is a second of the bytes and a minute of the pings unless it is given', () => {
  expect(resolveIntake({ readBytesPerSecond: 500, pingsPerMinute: 6 })).toEqual({
    ...none,
    ...{ bytesPerSecond: 500, burstBytes: 500, pingsPerMinute: 6, pingBurst: 6 },
  })
  const given = { readBytesPerSecond: 500, readBurstBytes: 50, pingsPerMinute: 600, pingBurst: 1 }
  expect(resolveIntake(given)).toMatchObject({ burstBytes: 50, pingBurst: 1 })
})

test('throttling is the default, and each limit has a consequence of its own', () => {
  const rates = { readBytesPerSecond: 100, pingsPerMinute: 1 }
  expect(resolveIntake({ ...rates, whenFast: 'end' })).toMatchObject({
    ...{ endsFast: true, endsPinging: false },
  })
  expect(resolveIntake({ ...rates, whenPinging: 'end' })).toMatchObject({
    ...{ endsFast: false, endsPinging: true },
  })
})

test('the check of who may come knows these names', () => {
  expect(() => resolveLimits({ readBytesPerSecond: 100, whenPinging: 'end' })).not.toThrow()
})

test.each([
  [
    { readBytesPerSecond: 99 },
    'limits.readBytesPerSecond must be an integer from 100 to 2147483647 bytes; got 99',
  ],
  [{ readBytesPerSecond: '1k' }, 'limits.readBytesPerSecond must be an integer from 100'],
  [{ pingsPerMinute: 0 }, 'limits.pingsPerMinute must be an integer from 1 to 1000000; got 0'],
  [
    { readBytesPerSecond: 100, whenFast: 'reset' },
    "limits.whenFast must be one of 'throttle', 'end'; got \"reset\"",
  ],
  [{ pingsPerMinute: 1, whenPinging: null }, "limits.whenPinging must be one of 'throttle', 'end'"],
])('%o is refused: %s', (limits, message) => {
  expect(() => resolveIntake(limits)).toThrow(message)
})
