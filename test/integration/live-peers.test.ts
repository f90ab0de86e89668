import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { echo } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { spawnClient } from '../support/child-client.js'
import {
  deafen,
  quickDetectionMs,
  quickKeepalive,
  undeafen,
  vanish,
  vanishForGood,
} from '../support/dead-peer.js'
import { openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

const quick = { keepalive: quickKeepalive }

// That nothing happens for so long is what these tests show; a dead neighbour that is found meanwhile
// shows that something would have.
const THREE_DETECTIONS_MS = 3 * quickDetectionMs + 500

describe.concurrent('a peer that is alive is never ended', () => {
  test('a slow reader with a closed window, for three detection times and more', async () => {
    await using lab = await openLab({}, quick)
    const slow = await lab.pair()
    const dead = await lab.pair()
    const sent = pattern(16 * 1024 * 1024, 1)
    slow.connection.write(sent)
    dead.connection.write(sent)
    const [, vanished] = await Promise.all([delay(THREE_DETECTIONS_MS), vanishForGood(dead)])
    expect(vanished.completion.reason).toBe('send-timeout')
    expect(slow.connection.state).toBe('open')
    const info = slow.connection.info()
    expect(info?.bytesQueued).toBeGreaterThan(0)
    // It answers the probes of its window: that is how it is known to be alive.
    expect(info?.silentMs).toBeLessThan(quickDetectionMs)
    slow.connection.end()
    expect(digest(await slow.client.rest())).toBe(digest(sent))
  })

  test('an idle peer, by answering probes, and one in another process that is stopped', async () => {
    await using lab = await openLab(echo, quick)
    const idle = await lab.pair()
    const dead = await lab.pair()
    await using child = await spawnClient(lab.port, true)
    const stopped = await lab.accepted(child.port)
    // Its kernel still answers: only a heartbeat could find it.
    child.process.kill('SIGSTOP')
    const [, vanished] = await Promise.all([delay(THREE_DETECTIONS_MS), vanishForGood(dead)])
    expect(vanished.completion.reason).toBe('keepalive-timeout')
    expect(idle.connection.state).toBe('open')
    expect(stopped.state).toBe('open')
    idle.client.write('ping')
    expect((await idle.client.read(4)).toString()).toBe('ping')
  })

  test('a peer that is deaf for less than the detection time, again and again', async () => {
    // Found after 6 s: time enough for a loop that is kept waiting to let it hear again.
    const keepalive = { idleMs: 1_000, intervalMs: 1_000, count: 5 }
    await using lab = await openLab(echo, { keepalive })
    const patchy = await lab.pair()
    const dead = await lab.pair()
    const { reported } = await vanish(dead)
    for (let round = 0; round < 3; round++) {
      await deafen(patchy.client.socket)
      const probed = () => (patchy.connection.info()?.tcp?.probes ?? 0) > 0
      await until(probed, 'a probe is unanswered')
      undeafen(patchy.client.socket)
      const answered = () => patchy.connection.info()?.tcp?.probes === 0
      await until(answered, 'the next probe is answered')
    }
    expect((await reported).completion.reason).toBe('keepalive-timeout')
    expect(patchy.connection.state).toBe('open')
    patchy.client.write('back')
    expect((await patchy.client.read(4)).toString()).toBe('back')
  })

  test('a peer that is deaf for a while with our data outstanding gets all of it', async () => {
    await using lab = await openLab({}, quick)
    const patchy = await lab.pair()
    const dead = await lab.pair()
    const sent = pattern(2_000_000, 2)
    await deafen(patchy.client.socket)
    const { reported } = await vanish(dead)
    patchy.connection.write(sent)
    dead.connection.write(sent)
    // 0.6 s of the 3 it may be silent; the data is sent again for the third time at 1.4 s, and for
    // the fourth at 2.4 s.
    const asked = () => (patchy.connection.info()?.tcp?.retransmits ?? 0) >= 2
    await until(asked, 'it was asked twice, and heard neither')
    undeafen(patchy.client.socket)
    expect(digest(await patchy.client.read(sent.length))).toBe(digest(sent))
    expect((await reported).completion.reason).toBe('send-timeout')
    expect(patchy.connection.state).toBe('open')
  })
})
