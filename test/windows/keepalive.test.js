// The policy in force, and what this system lacks of it. Wine 8 knows neither TCP_KEEPIDLE nor
// TCP_MAXRT, so this is the way of a Windows before 10 1709: SIO_KEEPALIVE_VALS.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echo } from 'holdfast'
import { quickMs, read, serve } from './support.js'

const timeout = quickMs

test('is set on each socket, and says what this system cannot do', { timeout }, async () => {
  const keepalive = { idleMs: 7_000, intervalMs: 2_000, count: 3 }
  const { server, connect, close } = await serve(echo, { keepalive })
  assert.equal(server.keepalive.source, 'per-socket')
  assert.equal(server.keepalive.verified, null)
  for (let n = 0; n < 2; n++) {
    const socket = await connect()
    socket.write('ping')
    await read(socket, 4)
  }
  const { enabled, idleMs, intervalMs, count, userTimeoutMs, rtoMaxMs } = server.keepalive
  assert.deepEqual(
    { enabled, idleMs, intervalMs, count, userTimeoutMs, rtoMaxMs },
    {
      enabled: true,
      idleMs: 7_000,
      intervalMs: 2_000,
      count: 10,
      userTimeoutMs: 0,
      rtoMaxMs: 0,
    },
  )
  const { source, verified, unsupported, detectionMs, warnings } = server.keepalive
  assert.deepEqual(
    { source, verified, detectionMs, warnings },
    {
      source: 'per-socket',
      verified: true,
      detectionMs: 27_000,
      warnings: [],
    },
  )
  assert.deepEqual(unsupported, ['count', 'userTimeoutMs', 'rtoMaxMs', 'livenessClock'])
  for (const connection of server.connections) {
    assert.equal(connection.keepalive().enabled, true)
    assert.equal(connection.keepalive({ idleMs: 9_000, intervalMs: 1_000, count: 5 }).idleMs, 9_000)
  }
  await close()
})

test('false leaves it off', { timeout }, async () => {
  const { server, connect, close } = await serve(echo, { keepalive: false })
  const socket = await connect()
  socket.write('ping')
  await read(socket, 4)
  assert.equal(server.keepalive.enabled, false)
  assert.equal(server.keepalive.detectionMs, null)
  await close()
})
