import { describe, expect, test } from 'vitest'
import { echo } from '../../lib/index.js'
import { deafen, expectInTime, quickKeepalive, vanishForGood } from '../support/dead-peer.js'
import { type LabOptions, openLab } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const quick: LabOptions = { keepalive: quickKeepalive }

// Each test takes the 3 seconds of a detection: they wait side by side. Its control is a neighbour on
// the same server that hears, and of which nothing is reported.
describe.concurrent('a peer that vanished while nothing was outstanding', () => {
  test('is reported as keepalive-timeout in time, and a peer that hears is not', async () => {
    await using lab = await openLab(echo, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion).toMatchObject({
      reason: 'keepalive-timeout',
      actor: 'network',
      code: 'ETIMEDOUT',
      bytesRead: 0,
      bytesWritten: 0,
      remotePort: dead.client.port,
      evidence: { decidedBy: 'kernel', bytesUnsent: 0, bytesUnread: 0 },
    })
    expect(vanished.completion.errno).toBeLessThan(0)
    expect(vanished.completion.evidence.tcp).toMatchObject({ probes: 2, unackedSegments: 0 })
    expect(vanished.completion.durationMs).toBeGreaterThanOrEqual(2_700)
    expect(live.connection.state).toBe('open')
    expect(lab.completions.length).toBe(1)
    live.client.write('ping')
    expect((await live.client.read(4)).toString()).toBe('ping')
  })

  test('is keepalive-timeout too after an exchange that was acknowledged', async () => {
    await using lab = await openLab(echo, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.client.write('ping')
    await dead.client.read(4)
    const acknowledged = () => dead.connection.info()?.tcp?.unackedSegments === 0
    await until(acknowledged, 'the echo is acknowledged')
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion).toMatchObject({
      reason: 'keepalive-timeout',
      bytesRead: 4,
      bytesWritten: 4,
      evidence: { decidedBy: 'kernel', tcp: { bytesAcked: expect.any(Number) } },
    })
    expect(live.connection.state).toBe('open')
  })

  test('is reported although its connection is paused', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.connection.pause()
    live.connection.pause()
    await turns()
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('keepalive-timeout')
    expect(live.connection.state).toBe('open')
  })

  test('names the bytes that a paused connection never read', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.connection.pause()
    live.connection.pause()
    await turns()
    dead.client.write(Buffer.alloc(1_000))
    live.client.write(Buffer.alloc(1_000))
    const arrived = () => dead.connection.info()?.tcp?.bytesReceived === 1_000
    await until(arrived, 'the bytes are in the kernel')
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion).toMatchObject({
      reason: 'keepalive-timeout',
      bytesRead: 0,
      evidence: { bytesUnread: 1_000 },
    })
    expect(live.connection.state).toBe('open')
  })

  test('is reported after its own FIN, while the server still holds its half open', async () => {
    await using lab = await openLab({}, { ...quick, allowHalfOpen: true })
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.client.end()
    live.client.end()
    const finSeen = () => dead.connection.info()?.tcp?.state === 'close-wait'
    await until(finSeen, 'the FIN has arrived')
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('keepalive-timeout')
    expect(live.connection.state).toBe('open')
  })

  test("is reported after the server's FIN, which it had acknowledged", async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const live = await lab.pair()
    dead.connection.end()
    live.connection.end()
    const finAcknowledged = () => dead.connection.info()?.tcp?.state === 'fin-wait-2'
    await until(finAcknowledged, 'the FIN is acknowledged')
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('keepalive-timeout')
    expect(live.connection.state).toBe('draining')
  })

  test('50 at once are all reported, once each, and 50 others are not', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pairs(50)
    const live = await lab.pairs(50)
    const vanished = await Promise.all(dead.map(vanishForGood))
    for (const each of vanished) {
      expectInTime(each)
      expect(each.completion.reason).toBe('keepalive-timeout')
    }
    expect(lab.server.counters.closed['keepalive-timeout']).toBe(50)
    expect(live.every(({ connection }) => connection.state === 'open')).toBe(true)
  })
})

describe.concurrent('the policy that decides', () => {
  test('is the one set on the connection at run time, where the server has a longer one', async () => {
    await using lab = await openLab({}, { keepalive: 'cloud-lb' })
    const dead = await lab.pair()
    const slow = await lab.pair()
    dead.connection.keepalive(quickKeepalive)
    await deafen(slow.client.socket)
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('keepalive-timeout')
    expect(slow.connection.state).toBe('open')
  })

  test('a connection with keepalive switched off is not ended, its neighbour is', async () => {
    await using lab = await openLab({}, quick)
    const dead = await lab.pair()
    const unprobed = await lab.pair()
    unprobed.connection.keepalive(false)
    await deafen(unprobed.client.socket)
    expect((await vanishForGood(dead)).completion.reason).toBe('keepalive-timeout')
    expect(unprobed.connection.state).toBe('open')
  })

  test("inherit 'never' detects in the same time", async () => {
    await using lab = await openLab({}, { ...quick, inherit: 'never' })
    const dead = await lab.pair()
    const live = await lab.pair()
    const vanished = await vanishForGood(dead)
    expectInTime(vanished)
    expect(vanished.completion.reason).toBe('keepalive-timeout')
    expect(live.connection.state).toBe('open')
  })

  test('an explicit user timeout ends an idle peer at the first probe after it', async () => {
    const keepalive = { idleMs: 1_000, intervalMs: 1_000, count: 9, userTimeoutMs: 1_500 }
    await using lab = await openLab({}, { keepalive })
    const { detectionMs } = lab.server.keepalive
    expect(detectionMs).toBe(2_000)
    const dead = await lab.pair()
    const live = await lab.pair()
    const vanished = await vanishForGood(dead)
    expectInTime(vanished, 2_000)
    expect(vanished.completion).toMatchObject({ reason: 'keepalive-timeout', code: 'ETIMEDOUT' })
    expect(live.connection.state).toBe('open')
  })
})
