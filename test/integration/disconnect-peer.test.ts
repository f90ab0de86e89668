import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { pattern } from '../support/bytes.js'
import { spawnClient } from '../support/child-client.js'
import { openLab } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const RESET = { reason: 'peer-reset', actor: 'peer', code: 'ECONNRESET', errno: -104 }

describe('the peer ends', () => {
  test('FIN: peer-end, without an error, with counts and evidence', async () => {
    await using lab = await openLab({
      data(connection, chunk) {
        connection.write(`${chunk.length} received`)
      },
    })
    const { client, connection } = await lab.pair()
    client.write('0123456789')
    expect((await client.read(11)).toString()).toBe('10 received')
    client.end()
    const completion = await connection.closed
    expect(completion).toMatchObject({
      id: connection.id,
      reason: 'peer-end',
      actor: 'peer',
      code: null,
      errno: 0,
      bytesRead: 10,
      bytesWritten: 11,
      remoteAddress: '127.0.0.1',
      remotePort: client.port,
      evidence: { decidedBy: 'kernel', bytesUnsent: 0, bytesUnread: 0 },
      hooks: { run: 0, failures: [], late: 0 },
    })
    expect(completion.evidence.tcp).toMatchObject({ state: 'close-wait', bytesReceived: 11 })
    expect(completion).not.toHaveProperty('error')
    await client.rest()
  })

  test('the times are those of the connection, however long the loop had slept', async () => {
    await using lab = await openLab()
    await delay(400)
    const connectsAt = performance.now()
    const { client, connection } = await lab.pair()
    const openedAt = performance.now()
    await delay(400)
    const endsAt = performance.now()
    client.end()
    const { durationMs, detectedMs } = await connection.closed
    const closedAt = performance.now()
    // Whatever delays this process falls between the same two readings. A time of the turn before
    // would be off by 400 ms.
    const SLACK_MS = 100
    expect(durationMs).toBeGreaterThan(endsAt - openedAt - SLACK_MS)
    expect(durationMs).toBeLessThan(closedAt - connectsAt + SLACK_MS)
    expect(detectedMs).toBeLessThan(closedAt - endsAt + SLACK_MS) // the FIN is the last thing heard
  })

  test('kill -9 of a client process that had read all: its kernel sends FIN, peer-end', async () => {
    await using lab = await openLab()
    const child = await spawnClient(lab.port, true)
    const connection = await lab.accepted(child.port)
    await child.kill()
    expect(await connection.closed).toMatchObject({ reason: 'peer-end', actor: 'peer', code: null })
  })

  test('kill -9 of a client process with unread bytes: its kernel sends RST, peer-reset', async () => {
    await using lab = await openLab()
    const child = await spawnClient(lab.port, false)
    const connection = await lab.accepted(child.port)
    connection.write('never read')
    const arrived = () => connection.info()?.tcp?.bytesAcked === 10
    await until(arrived, 'the bytes lie in its receive queue')
    await child.kill()
    expect(await connection.closed).toMatchObject({ ...RESET, bytesWritten: 10 })
  })
})

describe('the peer resets', () => {
  test('RST on an idle connection', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    client.reset()
    const completion = await connection.closed
    expect(completion).toMatchObject({ ...RESET, bytesRead: 0, evidence: { decidedBy: 'kernel' } })
    expect(completion.detectedMs).toBeNull() // the kernel's clock does not count the RST
  })

  test.each([1, 65_536, 100_000])(
    '%i bytes sent before the RST are delivered first',
    async (size) => {
      const calls: string[] = []
      await using lab = await openLab({
        data() {
          calls.push('data')
        },
        end() {
          calls.push('end')
        },
        close() {
          calls.push('close')
        },
      })
      const { client, connection } = await lab.pair()
      client.write(pattern(size, 1))
      client.reset()
      expect(await connection.closed).toMatchObject({ ...RESET, bytesRead: size })
      expect(calls.filter((call) => call !== 'data')).toEqual(['close'])
      expect(calls.at(-1)).toBe('close')
    },
  )

  test('an abort with unread bytes: what it had sent itself is delivered first', async () => {
    const received: Buffer[] = []
    await using lab = await openLab({
      data(_, chunk) {
        received.push(chunk)
      },
    })
    const { client, connection } = await lab.pair()
    connection.write('a greeting nobody reads')
    const arrived = () => connection.info()?.tcp?.bytesAcked === 23
    await until(arrived, 'the greeting lies in its receive queue')
    client.write('last words')
    client.destroy() // close(2) with unread bytes: RST instead of FIN
    expect(await connection.closed).toMatchObject({ ...RESET, bytesRead: 10, bytesWritten: 23 })
    expect(Buffer.concat(received).toString()).toBe('last words')
  })

  test('while paused: reported without being resumed, with the bytes that stayed unread', async () => {
    const calls: string[] = []
    await using lab = await openLab({
      data() {
        calls.push('data')
      },
    })
    const { client, connection } = await lab.pair()
    connection.pause()
    await turns()
    client.write('unread')
    await until(() => connection.info()?.tcp?.bytesReceived === 6, 'the bytes are in the kernel')
    client.reset()
    expect(await connection.closed).toMatchObject({ ...RESET, evidence: { bytesUnread: 6 } })
    expect(calls).toEqual([])
  })

  test('with bytes of ours queued: the evidence counts what was dropped', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.write(Buffer.alloc(16_000_000))
    client.reset()
    const { reason, bytesWritten, evidence } = await connection.closed
    expect(reason).toBe('peer-reset')
    expect(evidence.bytesUnsent).toBeGreaterThan(0)
    expect(bytesWritten + evidence.bytesUnsent).toBe(16_000_000)
    expect(lab.server.counters.bytesWritten).toBe(bytesWritten)
  })

  test('after its own FIN, when the server goes on sending: EPIPE, peer-reset', async () => {
    await using lab = await openLab({}, { allowHalfOpen: true })
    const { client, connection } = await lab.pair()
    client.end()
    await until(() => connection.info()?.tcp?.state === 'close-wait', 'the FIN has arrived')
    client.destroy()
    await client.closed
    keepWriting(connection)
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'peer-reset', actor: 'peer', code: 'EPIPE' })
  })

  test('while the server is draining: peer-reset, not local-end', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.end('bye')
    await until(() => connection.info()?.tcp?.state === 'fin-wait-2', 'the FIN is acknowledged')
    client.reset()
    expect(await connection.closed).toMatchObject(RESET)
  })
})

// The first bytes bring the RST about, which is then seen by itself or by the next write.
function keepWriting(connection: Connection): void {
  const timer = setInterval(() => connection.write('x'), 5)
  void connection.closed.then(() => clearInterval(timer))
}
