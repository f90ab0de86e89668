import { describe, expect, test } from 'vitest'
import type { Connection, DisconnectReason, Handler } from '../../lib/index.js'
import { type LabOptions, openLab, type Pair } from '../support/lab.js'

// More than the kernel takes while nobody reads: its send buffer ends at 4 MiB, the receive buffer of
// the client at 6 MiB (tcp_wmem, tcp_rmem).
const OWED_BYTES = 32 * 1024 * 1024

interface Case {
  reason: DisconnectReason
  by: string
  /** 'FIN' comes behind what the kernel had taken. */
  wire: 'FIN' | 'RST'
  options?: LabOptions
  handler?: Handler
  /** What ends the connection, where it is not a deadline. */
  provoke?: (pair: Pair) => unknown
}

const cases: Case[] = [
  {
    reason: 'idle-timeout',
    by: 'writeIdleMs',
    wire: 'FIN',
    options: { deadlines: { writeIdleMs: 200 } },
  },
  {
    reason: 'handshake-timeout',
    by: 'handshakeMs',
    wire: 'FIN',
    options: { deadlines: { handshakeMs: 200 } },
  },
  {
    reason: 'heartbeat-timeout',
    by: 'heartbeat',
    wire: 'FIN',
    options: { heartbeat: { intervalMs: 200, replyMs: 100 } },
    handler: { heartbeat() {} },
  },
  {
    reason: 'slow-consumer',
    by: 'backlogMs',
    wire: 'RST',
    options: { deadlines: { backlogMs: 200 } },
  },
  {
    reason: 'slow-consumer',
    by: 'maxQueuedBytes',
    wire: 'FIN',
    options: { maxQueuedBytes: OWED_BYTES },
    provoke: ({ connection }) => connection.write(new Uint8Array(OWED_BYTES)),
  },
  {
    reason: 'slow-consumer',
    by: 'limits.queuedBytes',
    wire: 'RST',
    options: { limits: { queuedBytes: OWED_BYTES } },
    provoke: ({ connection }) => connection.write(new Uint8Array(OWED_BYTES)),
  },
  {
    reason: 'rate-limit',
    by: 'a ping too many',
    wire: 'FIN',
    options: { limits: { pingsPerMinute: 1, whenPinging: 'end' } },
    provoke: ({ connection }) => {
      connection.pinged()
      connection.pinged()
    },
  },
  {
    reason: 'local-end',
    by: 'endMs',
    wire: 'FIN',
    options: { deadlines: { endMs: 200 } },
    provoke: ({ connection }) => connection.end(),
  },
  {
    reason: 'local-abort',
    by: 'destroy()',
    wire: 'FIN',
    provoke: ({ connection }) => connection.destroy(),
  },
  {
    reason: 'local-abort',
    by: 'reset()',
    wire: 'RST',
    provoke: ({ connection }) => connection.reset(),
  },
  {
    reason: 'shutdown',
    by: 'the deadline of close()',
    wire: 'FIN',
    provoke: ({ connection }) => connection.server.close({ deadlineMs: 200 }),
  },
  {
    reason: 'shutdown',
    by: 'endMs in a drain',
    wire: 'FIN',
    options: { deadlines: { endMs: 200 } },
    provoke: ({ connection }) => connection.server.close({ deadlineMs: 15_000 }),
  },
  {
    reason: 'handler-error',
    by: 'a handler',
    wire: 'FIN',
    handler: {
      data() {
        throw new Error('no')
      },
    },
    provoke: ({ client }) => client.write('x'),
  },
  {
    reason: 'replaced',
    by: 'identify()',
    wire: 'FIN',
    provoke: async ({ connection }) => {
      const { server } = connection
      await server.identify(connection, 'ada')
      await server.identify(
        [...server.connections].find((other) => other !== connection) as Connection,
        'ada',
      )
    },
  },
]

describe.concurrent('a client that is owed more than the kernel holds', () => {
  test.each(cases)('sees $wire and loses the rest: $reason by $by', async (row) => {
    const { reason, wire, options = {}, handler = {}, provoke } = row
    await using lab = await openLab(handler, options)
    const pair = await lab.pair()
    const { client, connection } = pair
    if (reason === 'replaced') await lab.pair()
    connection.write(new Uint8Array(OWED_BYTES))
    await provoke?.(pair)
    const { reason: ended, bytesWritten, evidence } = await connection.closed
    expect(ended).toBe(reason)
    expect(evidence.bytesUnsent).toBeGreaterThan(0)
    const received = (await client.untilOver()).length
    // An RST empties the send buffer. libuv reports it behind unread bytes as an end, not as an error.
    if (wire === 'FIN') {
      // uv_write() may have given the kernel a part that is not counted before all of it is sent.
      expect(received).toBeGreaterThanOrEqual(bytesWritten)
    } else {
      expect(received).toBeLessThan(bytesWritten)
    }
  })
})

// Bytes that nobody has read make an RST of the FIN (RFC 2525, 2.17), and a client sees it at once.
test.each([
  { more: 0, seen: 'FIN' },
  { more: 100_000, seen: 'ECONNRESET' },
])('the first byte too many ends in order, $more more behind it by RST', async ({ more, seen }) => {
  const limits = { readBytesPerSecond: 1_000, whenFast: 'end' } as const
  await using lab = await openLab({}, { limits })
  const { client, connection } = await lab.pair()
  client.write(new Uint8Array(1_001 + more))
  expect(await connection.closed).toMatchObject({ reason: 'rate-limit', bytesRead: 1_001 })
  await client.untilOver()
  expect(client.ended ? 'FIN' : client.error?.code).toBe(seen)
})
