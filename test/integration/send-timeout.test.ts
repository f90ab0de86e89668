import { describe, expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import {
  deafen,
  expectInTime,
  quickKeepalive,
  vanish,
  vanishForGood,
} from '../support/dead-peer.js'
import { type LabOptions, openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

const quick: LabOptions = { keepalive: quickKeepalive }

// More than the send buffer and the receive buffer of a loopback connection together.
const MORE_THAN_BUFFERS = Buffer.alloc(16 * 1024 * 1024, 'x')

/** The peer's window is closed: the kernel probes it, and something is still queued. */
function windowIsClosed(connection: Connection): boolean {
  const info = connection.info()
  return (info?.tcp?.notSentBytes ?? 0) > 0 && info?.tcp?.unackedSegments === 0
}

// While something is unacknowledged the kernel sends no keepalive probes: the liveness clock decides.
// Each test has its control on the same server: a peer in the same state that hears.
describe.concurrent('a peer that vanished with something outstanding', () => {
  test('unacknowledged data: send-timeout in time, decided by the clock', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    const { reported } = await vanish(dead)
    dead.connection.write('anybody there?')
    live.connection.write('anybody there?')
    const vanished = await reported
    expectInTime(vanished)
    expect(vanished.completion).toMatchObject({
      reason: 'send-timeout',
      actor: 'network',
      code: 'ETIMEDOUT',
      bytesWritten: 14,
      evidence: { decidedBy: 'liveness-clock', bytesUnsent: 0, tcp: { unackedSegments: 1 } },
    })
    expect(vanished.completion.evidence.tcp?.totalRetransmits).toBeGreaterThan(0)
    expect(live.connection.state).toBe('open')
  })

  test('data written into a silence that had begun before: the silence counts as a whole', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    const { reported } = await vanish(dead)
    const probed = () => (dead.connection.info()?.tcp?.probes ?? 0) > 0
    await until(probed, 'the first probe is unanswered')
    dead.connection.write('hello?')
    live.connection.write('hello?')
    const vanished = await reported
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('send-timeout')
    expect(live.connection.state).toBe('open')
  })

  test('more than the kernel takes: the evidence counts what was dropped', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    const { reported } = await vanish(dead)
    dead.connection.write(MORE_THAN_BUFFERS)
    live.connection.write(MORE_THAN_BUFFERS)
    const vanished = await reported
    expectInTime(vanished)
    const { reason, bytesWritten, evidence } = vanished.completion
    expect(reason).toBe('send-timeout')
    expect(evidence.bytesUnsent).toBeGreaterThan(0)
    expect(bytesWritten + evidence.bytesUnsent).toBe(MORE_THAN_BUFFERS.length)
    expect(live.connection.state).toBe('open')
  })

  test('a closed window and then silence: send-timeout, where a live slow reader stays', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const slow = await lab.pair()
    dead.connection.write(MORE_THAN_BUFFERS)
    slow.connection.write(MORE_THAN_BUFFERS)
    await until(() => windowIsClosed(dead.connection), 'the window is closed')
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion).toMatchObject({
      reason: 'send-timeout',
      evidence: { decidedBy: 'liveness-clock' },
    })
    expect(vanished.completion.evidence.bytesUnsent).toBeGreaterThan(0)
    expect(slow.connection.state).toBe('open')
  })

  test('an unacknowledged FIN: send-timeout, although the server had begun to end it', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    const { reported } = await vanish(dead)
    dead.connection.end()
    live.connection.end()
    const vanished = await reported
    expectInTime(vanished)
    expect(vanished.completion).toMatchObject({ reason: 'send-timeout', bytesWritten: 0 })
    expect(live.connection.state).toBe('draining')
  })

  test('a peer that is dead when the server closes: found before the deadline', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const { reported } = await vanish(dead)
    const from = performance.now()
    const counters = await lab.server.close({ deadlineMs: 15_000 })
    expect(performance.now() - from).toBeLessThan(4_150)
    expect((await reported).completion.reason).toBe('send-timeout')
    expect(counters.closed).toMatchObject({ 'send-timeout': 1, shutdown: 0 })
  })

  test('a paused connection with unacknowledged data', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.connection.pause()
    live.connection.pause()
    const { reported } = await vanish(dead)
    dead.connection.write('x')
    live.connection.write('x')
    const vanished = await reported
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('send-timeout')
    expect(live.connection.state).toBe('open')
  })

  test('a half-closed peer with unacknowledged data', async () => {
    await using lab = await openLab({}, { ...quick, allowHalfOpen: true })
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.client.end()
    live.client.end()
    const finSeen = () => dead.connection.info()?.tcp?.state === 'close-wait'
    await until(finSeen, 'the FIN has arrived')
    const { reported } = await vanish(dead)
    dead.connection.write('x')
    live.connection.write('x')
    const vanished = await reported
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('send-timeout')
    expect(live.connection.state).toBe('open')
  })

  test('a policy set at run time shortens the wait for what is already outstanding', async () => {
    await using lab = await openLab({}, { keepalive: 'cloud-lb' })
    const dead = await lab.pair()
    const slow = await lab.pair()
    await deafen(slow.client.socket)
    const { reported } = await vanish(dead)
    dead.connection.write('x')
    slow.connection.write('x')
    dead.connection.keepalive(quickKeepalive)
    const vanished = await reported
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('send-timeout')
    expect(slow.connection.state).toBe('open')
  })
})

// TCP_USER_TIMEOUT is the caller's choice, with its price: it ends whoever does not take data for that
// long. Long probes keep the liveness clock (6 s here) out of it.
describe.concurrent('an explicit user timeout', () => {
  const keepalive = { idleMs: 5_000, intervalMs: 1_000, count: 2, userTimeoutMs: 1_500 }

  test('ends unacknowledged data by the kernel, before the clock would', async () => {
    await using lab = await openLab({}, { keepalive })
    const dead = await lab.pair()
    const live = await lab.pair()
    const { reported } = await vanish(dead)
    dead.connection.write('x')
    live.connection.write('x')
    const { completion, reportedAfterMs } = await reported
    expect(completion).toMatchObject({
      reason: 'send-timeout',
      code: 'ETIMEDOUT',
      bytesWritten: 1,
      evidence: { decidedBy: 'kernel' },
    })
    expect(reportedAfterMs).toBeGreaterThan(1_400)
    expect(reportedAfterMs).toBeLessThan(4_000)
    expect(live.connection.state).toBe('open')
  })

  test('ends a live peer that does not read: the price of it', async () => {
    await using lab = await openLab({}, { keepalive })
    const slow = await lab.pair()
    const reader = await lab.pair()
    slow.connection.write(MORE_THAN_BUFFERS)
    reader.connection.write(MORE_THAN_BUFFERS)
    await reader.client.read(MORE_THAN_BUFFERS.length)
    expect(await slow.connection.closed).toMatchObject({
      reason: 'send-timeout',
      code: 'ETIMEDOUT',
      evidence: { decidedBy: 'kernel' },
    })
    expect(reader.connection.state).toBe('open')
  })
})
