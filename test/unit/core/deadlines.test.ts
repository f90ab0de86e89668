import { expect, test } from 'vitest'
import { END_MS_DEFAULT, resolveDeadlines } from '../../../lib/core/deadlines.js'

const NONE = {
  ...{ idleMs: 0, readIdleMs: 0, writeIdleMs: 0, handshakeMs: 0, lifetimeMs: 0 },
  ...{ lifetimeJitterMs: 0, endMs: 0, backlogMs: 0, beatMs: 0, beatReplyMs: 0 },
}

test('without options there is no deadline', () => {
  expect(resolveDeadlines(undefined, undefined)).toEqual(NONE)
  expect(resolveDeadlines({}, undefined)).toEqual(NONE)
})

test('what is given is taken, the rest stays off', () => {
  const given = { idleMs: 60_000, lifetimeMs: 1_000, lifetimeJitterMs: 999, endMs: 500 }
  expect(resolveDeadlines(given, { intervalMs: 30_000, replyMs: 10_000 })).toEqual({
    ...NONE,
    ...given,
    beatMs: 30_000,
    beatReplyMs: 10_000,
  })
})

test('a lifetime has an end, whether or not one is given', () => {
  const lifetimeMs = 1_000
  expect(resolveDeadlines({ lifetimeMs }, undefined).endMs).toBe(END_MS_DEFAULT)
  expect(resolveDeadlines({ lifetimeMs, endMs: 60_000 }, undefined).endMs).toBe(60_000)
  expect(resolveDeadlines({ handshakeMs: 1_000 }, undefined).endMs).toBe(0)
})

test.each([
  [{ idleMs: 49 }, 'deadlines.idleMs must be an integer from 50 to 1728000000 ms; got 49'],
  [{ readIdleMs: 1.5e10 }, 'deadlines.readIdleMs must be an integer from 50'],
  [{ endMs: '10s' }, 'deadlines.endMs must be an integer from 50'],
  [{ idle: 5 }, 'deadlines has no option "idle"'],
  [null, 'deadlines must be an object'],
  [
    { lifetimeMs: 1_000, lifetimeJitterMs: 1_000 },
    'deadlines.lifetimeJitterMs must be less than deadlines.lifetimeMs (1000); got 1000',
  ],
  [
    { lifetimeJitterMs: 100 },
    'deadlines.lifetimeJitterMs must be left out without deadlines.lifetimeMs; got 100',
  ],
])('%o is refused: %s', (deadlines, message) => {
  expect(() => resolveDeadlines(deadlines, undefined)).toThrow(message)
})

test.each([
  [
    { intervalMs: 1_000, replyMs: 1_001 },
    'heartbeat.replyMs must be at most heartbeat.intervalMs (1000); got 1001',
  ],
  [{ intervalMs: 1_000 }, 'heartbeat.replyMs must be an integer'],
  [{ intervalMs: 1_000, replyMs: 100, ping: 'x' }, 'heartbeat has no option "ping"'],
])('the heartbeat %o is refused: %s', (heartbeat, message) => {
  expect(() => resolveDeadlines(undefined, heartbeat)).toThrow(message)
})
