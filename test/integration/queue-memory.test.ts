import { expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { openLab, type Pair } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const KIB = 1024
const MIB = 1024 * KIB
const limit = 8 * MIB

/** Until the kernel takes no more and so many bytes are queued. Its client must not read. */
function queue(connection: Connection, bytes: number): void {
  while (connection.write(Buffer.alloc(100 * KIB))) {
    // The kernel has taken all of it.
  }
  connection.write(Buffer.alloc(bytes - (connection.info()?.bytesQueued ?? 0)))
}

test('above limits.queuedBytes the largest queues end first, the others never notice', async () => {
  const echo = { data: (connection: Connection, chunk: Buffer) => connection.write(chunk) }
  await using lab = await openLab(echo, { limits: { queuedBytes: limit } })
  const [healthy, small, large, middle] = (await lab.pairs(4)) as [Pair, Pair, Pair, Pair]
  queue(small.connection, MIB)
  queue(large.connection, 4 * MIB)
  queue(middle.connection, 2 * MIB)
  // 7 and 1.5 MiB, without the largest less than seven; the kernel takes no more before the loop turns.
  small.connection.write(Buffer.alloc(1.5 * MIB))
  expect((await large.connection.closed).reason).toBe('slow-consumer')
  expect(lab.server.counters.queueMemoryBytes).toBeLessThanOrEqual((limit / 8) * 7)
  await turns(3)
  expect(lab.completions.map(({ id }) => id)).toEqual([large.connection.id])
  healthy.client.write('still here')
  expect((await healthy.client.read(10)).toString()).toBe('still here')
  expect(lab.server.counters.closed['slow-consumer']).toBe(1)
})

test('writes one after the other never hold more than the limit', async () => {
  await using lab = await openLab({}, { limits: { queuedBytes: limit } })
  const pairs = await lab.pairs(12)
  for (let round = 0; round < 120; round++) {
    for (const { connection } of pairs) {
      connection.write(Buffer.alloc(100 * KIB))
      expect(lab.server.counters.queueMemoryBytes).toBeLessThanOrEqual(limit)
    }
  }
  await turns(3)
  expect(lab.server.counters.closed['slow-consumer']).toBeGreaterThan(0)
  expect(lab.server.counters.queueMemoryBytes).toBeGreaterThan(0)
})

test('what a broadcast leaves counts once, so it ends nobody', async () => {
  await using lab = await openLab({}, { limits: { queuedBytes: limit } })
  const pairs = await lab.pairs(20)
  for (const { connection } of pairs) {
    queue(connection, 200 * KIB)
  }
  const bytes = pattern(2 * MIB, 1)
  expect(lab.server.broadcast(bytes)).toMatchObject({ taken: 20, waiting: 20 })
  await turns(3)
  expect(lab.completions).toEqual([])
  // By themselves the queues would be five times the limit.
  expect(lab.server.counters.queueMemoryBytes).toBeLessThan(limit)
})

test('a broadcast counts those who end for it as ended, and promises drain to no more than the rest', async () => {
  let drained = 0
  const handler = { drain: () => drained++ }
  await using lab = await openLab(handler, { limits: { queuedBytes: limit } })
  const pairs = await lab.pairs(8)
  for (const { connection } of pairs) {
    queue(connection, 500 * KIB)
  }
  const { taken, waiting, ended } = lab.server.broadcast(Buffer.alloc(4.5 * MIB))
  expect(taken + ended).toBe(8)
  expect(ended).toBeGreaterThan(0)
  await turns(3)
  expect(lab.server.counters.closed['slow-consumer']).toBe(ended)
  expect(lab.server.counters.open).toBe(taken)
  await Promise.all(
    pairs.map(({ client, connection }) => connection.writable && client.read(5 * MIB - 12 * KIB)),
  )
  await until(() => drained === waiting, 'a drain for each that is left')
})

test('the memory is 0 again when all has been read', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  const bytes = pattern(20 * MIB, 1)
  connection.write(bytes)
  expect(lab.server.counters.queueMemoryBytes).toBeGreaterThan(MIB)
  expect(digest(await client.read(bytes.length))).toBe(digest(bytes))
  expect(lab.server.counters.queueMemoryBytes).toBe(0)
})

test('each server counts its own', async () => {
  await using one = await openLab()
  await using other = await openLab()
  const { connection } = await one.pair()
  await other.pair()
  queue(connection, MIB)
  expect(one.server.counters.queueMemoryBytes).toBeGreaterThan(MIB)
  expect(other.server.counters.queueMemoryBytes).toBe(0)
})

test('a limit below the high watermark is refused, and both are named', async () => {
  const listening = openLab({}, { limits: { queuedBytes: 65_535 } })
  await expect(listening).rejects.toThrow(
    'limits.queuedBytes must be at least highWatermarkBytes (65536); got 65535',
  )
})
