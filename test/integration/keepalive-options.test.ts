import { describe, expect, test } from 'vitest'
import {
  type EffectiveKeepalive,
  KEEPALIVE_PRESETS,
  type KeepaliveInput,
  type KeepalivePreset,
} from '../../lib/index.js'
import { quickKeepalive } from '../support/dead-peer.js'
import { kernelValues } from '../support/kernel-values.js'
import { type Lab, openLab, type Pair } from '../support/lab.js'
import { acceptedFd } from '../support/sockets.js'

async function acceptOne(lab: Lab): Promise<Pair & { fd: number }> {
  const pair = await lab.pair()
  return { ...pair, fd: acceptedFd(lab.port, pair.client.port) }
}

function valuesOf({ enabled, idleMs, intervalMs, count, userTimeoutMs }: EffectiveKeepalive) {
  return { enabled, idleMs, intervalMs, count, userTimeoutMs }
}

// TCP_RTO_MAX_MS came with Linux 6.15; where it is missing, that is said.
const UNSUPPORTED_ALLOWED = [[], ['rtoMaxMs']]

const presets = Object.keys(KEEPALIVE_PRESETS) as KeepalivePreset[]

test.each(presets)('preset %s: listener, connection and kernel agree', async (preset) => {
  await using lab = await openLab({}, { keepalive: preset })
  const values = KEEPALIVE_PRESETS[preset]
  const { keepalive } = lab.server
  expect(keepalive).toMatchObject({ ...values, preset, enabled: values !== null, warnings: [] })
  expect(UNSUPPORTED_ALLOWED).toContainEqual(keepalive.unsupported)
  const bound =
    values && Math.max(values.idleMs, values.intervalMs) + values.intervalMs * values.count
  expect(keepalive.detectionMs).toBe(bound)
  const { connection, fd } = await acceptOne(lab)
  expect(valuesOf(connection.keepalive())).toEqual(kernelValues(fd))
  expect(valuesOf(keepalive)).toEqual(kernelValues(fd))
  expect(kernelValues(fd)).toMatchObject({ ...values, enabled: values !== null, userTimeoutMs: 0 })
})

test('inherited: verified once the first connection was read back and agreed', async () => {
  await using lab = await openLab({}, { keepalive: quickKeepalive })
  expect(lab.server.keepalive).toMatchObject({ source: 'inherited', verified: null })
  const first = await lab.pair()
  expect(lab.server.keepalive).toMatchObject({ source: 'inherited', verified: true, warnings: [] })
  expect(first.connection.keepalive()).toMatchObject({ ...quickKeepalive, source: 'inherited' })
})

test("inherit 'never': the same values, socket by socket", async () => {
  await using lab = await openLab({}, { keepalive: quickKeepalive, inherit: 'never' })
  expect(lab.server.keepalive.source).toBe('per-socket')
  const { connection, fd } = await acceptOne(lab)
  expect(kernelValues(fd)).toMatchObject({ ...quickKeepalive, enabled: true })
  expect(connection.keepalive()).toMatchObject({ ...quickKeepalive, source: 'per-socket' })
})

test.each([{ inherit: 'auto' }, { inherit: 'never' }] as const)(
  'keepalive false, $inherit: off on the accepted socket',
  async ({ inherit }) => {
    await using lab = await openLab({}, { keepalive: false, inherit })
    expect(lab.server.keepalive).toMatchObject({ preset: 'off', enabled: false, detectionMs: null })
    const { connection, fd } = await acceptOne(lab)
    expect(kernelValues(fd).enabled).toBe(false)
    expect(connection.keepalive()).toMatchObject({ enabled: false, detectionMs: null })
  },
)

test('dual stack: a v4 and a v6 client both inherit', async () => {
  await using lab = await openLab({}, { host: '::', keepalive: quickKeepalive })
  for (const host of ['127.0.0.1', '::1']) {
    const client = await lab.client({ host })
    const connection = await lab.accepted(client.port)
    expect(connection.keepalive()).toMatchObject({ ...quickKeepalive, enabled: true })
  }
})

describe('set on one connection', () => {
  test('the kernel has it, its neighbour and the listener keep theirs', async () => {
    await using lab = await openLab({}, { keepalive: 'cloud-lb' })
    const { connection, fd } = await acceptOne(lab)
    const neighbour = await acceptOne(lab)
    const set = connection.keepalive({ idleMs: 7_000, intervalMs: 3_000, count: 4 })
    expect(set).toMatchObject({ idleMs: 7_000, intervalMs: 3_000, count: 4, detectionMs: 19_000 })
    expect(set.source).toBe('per-socket')
    expect(set).not.toHaveProperty('preset')
    expect(kernelValues(fd)).toMatchObject({ idleMs: 7_000, intervalMs: 3_000, count: 4 })
    expect(connection.keepalive()).toEqual(set)
    expect(kernelValues(neighbour.fd).idleMs).toBe(60_000)
    expect(lab.server.keepalive.idleMs).toBe(60_000)
  })

  test('off, and on again by a preset', async () => {
    await using lab = await openLab({}, { keepalive: quickKeepalive })
    const { connection, fd } = await acceptOne(lab)
    expect(connection.keepalive(false)).toMatchObject({ enabled: false, detectionMs: null })
    expect(kernelValues(fd).enabled).toBe(false)
    expect(connection.keepalive('interactive')).toMatchObject({
      preset: 'interactive',
      enabled: true,
      idleMs: 20_000,
      warnings: [],
    })
    expect(kernelValues(fd)).toMatchObject({ enabled: true, idleMs: 20_000, count: 4 })
  })

  test('a user timeout goes away again with the policy that had it', async () => {
    await using lab = await openLab()
    const { connection, fd } = await acceptOne(lab)
    connection.keepalive({ ...quickKeepalive, userTimeoutMs: 1_234 })
    expect(kernelValues(fd).userTimeoutMs).toBe(1_234)
    connection.keepalive(quickKeepalive)
    expect(kernelValues(fd).userTimeoutMs).toBe(0)
  })

  test('nothing is changed by a policy that is refused, or on a connection that has ended', async () => {
    await using lab = await openLab({}, { keepalive: quickKeepalive })
    const { client, connection, fd } = await acceptOne(lab)
    const wrong = { idleMs: 1, intervalMs: 1_000, count: 2 }
    expect(() => connection.keepalive(wrong)).toThrow(/keepalive.idleMs must be .*got 1/)
    expect(kernelValues(fd)).toMatchObject(quickKeepalive)
    client.end()
    await connection.closed
    const closed = expect.objectContaining({ code: 'ERR_HOLDFAST_CLOSED' })
    expect(() => connection.keepalive()).toThrow(closed)
    expect(() => connection.keepalive('nat')).toThrow(closed)
  })
})

describe('user timeout', () => {
  const base = { idleMs: 10_000, intervalMs: 5_000, count: 6 }
  const cases: [name: string, input: KeepaliveInput, timeoutMs: number, detectionMs: number][] = [
    ['an explicit one is set', { ...base, userTimeoutMs: 21_000 }, 21_000, 25_000],
    ["'auto' sets none where the liveness clock exists", base, 0, 40_000],
    ["'off' sets none", { ...base, userTimeoutMs: 'off' }, 0, 40_000],
  ]
  test.each(cases)('%s', async (_, keepalive, userTimeoutMs, detectionMs) => {
    await using lab = await openLab({}, { keepalive })
    const { connection, fd } = await acceptOne(lab)
    expect(kernelValues(fd).userTimeoutMs).toBe(userTimeoutMs)
    expect(connection.keepalive()).toMatchObject({ userTimeoutMs, detectionMs })
    expect(lab.server.keepalive).toMatchObject({ userTimeoutMs, detectionMs })
  })
})

test('what is no whole second is rounded up, and a warning says so', async () => {
  const keepalive = { idleMs: 1_500, intervalMs: 2_001, count: 3 }
  await using lab = await openLab({}, { keepalive })
  const { idleMs, intervalMs, detectionMs, warnings } = lab.server.keepalive
  expect({ idleMs, intervalMs }).toEqual({ idleMs: 2_000, intervalMs: 3_000 })
  expect(detectionMs).toBe(3_000 + 3 * 3_000)
  expect(warnings.map((text) => text.match(/\d+ ms was rounded up to \d+ ms/)?.[0])).toEqual([
    '1500 ms was rounded up to 2000 ms',
    '2001 ms was rounded up to 3000 ms',
  ])
})

test('the policy is still known after close()', async () => {
  await using lab = await openLab({}, { keepalive: quickKeepalive })
  await lab.pair()
  await lab.server.close({ deadlineMs: 0 })
  expect(lab.server.keepalive).toMatchObject({ ...quickKeepalive, verified: true })
})
