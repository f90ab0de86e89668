import { expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { type Lab, openLab, type Pair } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const KIB = 1024
const MIB = 1024 * KIB

// As many handshakes under way at a time as a listener queues by default.
const DIALS_MAX = 256

async function pairsOf<Data>(lab: Lab<Data>, count: number): Promise<Pair<Data>[]> {
  const pairs: Pair<Data>[] = []
  while (pairs.length < count) {
    pairs.push(...(await lab.pairs(Math.min(DIALS_MAX, count - pairs.length))))
  }
  return pairs
}

/** Writes until the kernel takes no more. Its client must not read. */
function fill(connection: Connection): void {
  while (connection.write(pattern(256 * KIB, 1))) {
    // The kernel has taken all of it.
  }
}

test('2,000 connections get it whole, in order between the writes to each', async () => {
  await using lab = await openLab()
  const pairs = await pairsOf(lab, 2_000)
  const bytes = pattern(20_000, 7)
  for (const [at, { connection }] of pairs.entries()) {
    connection.write(`before ${at};`)
  }
  const result = lab.server.broadcast(bytes)
  for (const [at, { connection }] of pairs.entries()) {
    connection.write(`;after ${at}`)
  }
  lab.server.broadcast(' the end')
  expect(result).toEqual({ taken: 2_000, waiting: 0, ended: 0 })
  for (const [at, { client }] of pairs.entries()) {
    const expected = Buffer.concat([
      Buffer.from(`before ${at};`),
      bytes,
      Buffer.from(`;after ${at} the end`),
    ])
    expect(digest(await client.read(expected.length))).toBe(digest(expected))
  }
  expect(lab.server.counters.queueMemoryBytes).toBe(0)
}, 60_000)

test('clients that never read share one copy, and get it all when they do', async () => {
  await using lab = await openLab()
  const pairs = await lab.pairs(40)
  for (const { connection } of pairs) {
    fill(connection)
  }
  const handed = pairs.map(({ connection }) => {
    const info = connection.info()
    return (info?.bytesWritten ?? 0) + (info?.bytesQueued ?? 0)
  })
  const before = lab.server.counters.queueMemoryBytes
  expect(before).toBeGreaterThan(0)
  const bytes = pattern(2 * MIB, 3)
  expect(lab.server.broadcast(bytes)).toEqual({ taken: 40, waiting: 40, ended: 0 })
  const grown = lab.server.counters.queueMemoryBytes - before
  expect(grown).toBeGreaterThanOrEqual(bytes.length)
  expect(grown).toBeLessThan(bytes.length + 40 * 64 + 64)
  // Two of them read after all; the block stays for the others.
  for (const at of [0, 1]) {
    const received = await pairs[at]?.client.read((handed[at] as number) + bytes.length)
    expect(digest(received?.subarray(-bytes.length) as Buffer)).toBe(digest(bytes))
  }
  expect(lab.server.counters.queueMemoryBytes).toBeGreaterThan(bytes.length)
  for (const { client } of pairs) {
    client.reset()
  }
  await Promise.all(pairs.map(({ connection }) => connection.closed))
  expect(lab.server.counters.queueMemoryBytes).toBe(0)
})

test('a broadcast that the kernel takes leaves nothing behind', async () => {
  await using lab = await openLab()
  const pairs = await lab.pairs(20)
  expect(lab.server.broadcast(pattern(2_000, 1)).waiting).toBe(0)
  expect(lab.server.counters.queueMemoryBytes).toBe(0)
  for (const { client } of pairs) {
    expect(digest(await client.read(2_000))).toBe(digest(pattern(2_000, 1)))
  }
})

test('those above the high watermark are counted, and each hears one drain', async () => {
  const drains = new Map<Connection, number>()
  await using lab = await openLab({
    drain(connection) {
      drains.set(connection, (drains.get(connection) ?? 0) + 1)
    },
  })
  const pairs = await lab.pairs(10)
  const bytes = pattern(16 * MIB, 5)
  expect(lab.server.broadcast(bytes)).toEqual({ taken: 10, waiting: 10, ended: 0 })
  await Promise.all(
    pairs.map(async ({ client }) => {
      expect(digest(await client.read(bytes.length))).toBe(digest(bytes))
    }),
  )
  await until(() => drains.size === 10, 'a drain of each')
  await turns(3)
  expect([...drains.values()]).toEqual(Array(10).fill(1))
})

test('maxQueuedBytes ends those who are behind, and nobody else', async () => {
  await using lab = await openLab({}, { maxQueuedBytes: 1 * MIB })
  const [slow, quick] = (await lab.pairs(2)) as [Pair, Pair]
  fill(slow.connection)
  const bytes = pattern(900 * KIB, 2)
  expect(lab.server.broadcast(bytes)).toMatchObject({ taken: 1, ended: 1 })
  expect((await slow.connection.closed).reason).toBe('slow-consumer')
  expect(digest(await quick.client.read(bytes.length))).toBe(digest(bytes))
})

test('`to`, `except`, and connections that have ended', async () => {
  await using lab = await openLab()
  const pairs = (await lab.pairs(4)) as [Pair, Pair, Pair, Pair]
  const [a, b, c, gone] = pairs
  gone.client.reset()
  await gone.connection.closed
  const to = new Set(pairs.map(({ connection }) => connection))
  expect(lab.server.broadcast('one', { to, except: a.connection }).taken).toBe(2)
  expect(lab.server.counters.writesAfterEnd).toBe(1)
  b.connection.end()
  expect(lab.server.broadcast('two').taken).toBe(2)
  expect(await Promise.all([a, c].map(({ client }) => client.read(3).then(String)))).toEqual([
    'two',
    'one',
  ])
  expect((await b.client.rest()).toString()).toBe('one')
  expect((await c.client.read(3)).toString()).toBe('two')
  await using other = await openLab()
  const stranger = await other.pair()
  expect(() => lab.server.broadcast('x', { to: [a.connection, stranger.connection] })).toThrow(
    'broadcast: to must be only connections of this server; got an object',
  )
})

test('from within a handler, to everybody else', async () => {
  await using lab = await openLab({
    data(connection, chunk) {
      connection.server.broadcast(chunk, { except: connection })
    },
  })
  const [speaker, ...listeners] = (await lab.pairs(30)) as [Pair, ...Pair[]]
  speaker.client.write('hello')
  for (const { client } of listeners) {
    expect((await client.read(5)).toString()).toBe('hello')
  }
  expect(speaker.client.waiting).toBe(0)
})

test('the array may be used again at once', async () => {
  await using lab = await openLab()
  const pairs = await lab.pairs(3)
  const bytes = Buffer.from(pattern(8 * MIB, 4))
  const expected = digest(bytes)
  lab.server.broadcast(bytes)
  bytes.fill(0)
  for (const { client } of pairs) {
    expect(digest(await client.read(bytes.length))).toBe(expected)
  }
})

test('shared memory is sent as it was at that moment', async () => {
  await using lab = await openLab()
  const { client } = await lab.pair()
  const shared = new Uint8Array(new SharedArrayBuffer(200_000))
  shared.set(pattern(shared.length, 6))
  lab.server.broadcast(shared)
  shared.fill(0)
  expect(digest(await client.read(shared.length))).toBe(digest(pattern(shared.length, 6)))
})
