import { expect, test } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import type { ListenOptions } from '../../../lib/core/options.js'
import { fakeServer } from '../../support/fake-server.js'

async function oneConnection(options: Partial<ListenOptions> = {}) {
  const connections: Connection[] = []
  const fake = fakeServer({ open: (one) => connections.push(one) }, options)
  fake.native.connect()
  await fake.native.turn()
  return { ...fake, connection: connections[0] as Connection }
}

test('is the server’s until it is set', async () => {
  const { connection } = await oneConnection()
  expect(connection.keepalive()).toMatchObject({ preset: 'cloud-lb', source: 'inherited' })
})

test('can be set by name, by values, and switched off; what was read back is returned', async () => {
  const { connection } = await oneConnection()
  expect(connection.keepalive('nat')).toMatchObject({
    preset: 'nat',
    detectionMs: 185_000,
    source: 'per-socket',
  })
  expect(connection.keepalive()).toMatchObject({ preset: 'nat', idleMs: 110_000 })
  const custom = connection.keepalive({ idleMs: 1_000, intervalMs: 1_000, count: 2 })
  expect(custom).toMatchObject({ idleMs: 1_000, detectionMs: 3_000 })
  expect(custom).not.toHaveProperty('preset')
  expect(connection.keepalive(false)).toMatchObject({ enabled: false, detectionMs: null })
})

test('refuses a bad policy before anything is set', async () => {
  const { connection, native } = await oneConnection()
  expect(() => connection.keepalive('x' as 'nat')).toThrow(RangeError)
  expect(native.keepalives.size).toBe(0)
})

test('crosses the listener’s path, which refuses, or warns, for its own policy too', async () => {
  const { connection, native } = await oneConnection({ pathTimeoutMs: 200_000 })
  expect(connection.keepalive().warnings).toEqual([])
  expect(() => connection.keepalive('mobile')).toThrow(
    'keepalive.idleMs must be below pathTimeoutMs 200000',
  )
  expect(native.keepalives.size).toBe(0)
  expect(connection.keepalive(false).warnings).toEqual([
    expect.stringMatching(/^keepalive is off: .* 200000 ms is forgotten/),
  ])
  const elsewhere = KeepalivePolicy.from('mobile').withPathTimeout(330_000)
  expect(connection.keepalive(elsewhere).warnings).toEqual([])
  expect(connection.keepalive()).toMatchObject({ preset: 'mobile', warnings: [] })
})
