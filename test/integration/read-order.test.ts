import { expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { type LabOptions, openLab } from '../support/lab.js'

const MIB = 1024 * 1024

/** A server that keeps what each connection received, by its remote port. */
function openCollector(options: LabOptions = {}) {
  const received = new Map<number, Buffer[]>()
  const handler = {
    open(connection: Connection) {
      const chunks: Buffer[] = []
      connection.data = chunks
      received.set(connection.remotePort as number, chunks)
    },
    data(connection: Connection, chunk: Buffer) {
      ;(connection.data as Buffer[]).push(chunk)
    },
  }
  const bytesOf = (port: number) => Buffer.concat(received.get(port) ?? [])
  return openLab(handler, options).then((lab) => Object.assign(lab, { received, bytesOf }))
}

// Around the edges of a segment, of the default chunk and of the slab of one batch.
const SIZES = [1, 2, 7, 8, 9, 1_460, 65_535, 65_536, 65_537, MIB - 1, MIB, MIB + 1, 8 * MIB]

test.each(SIZES)('%i bytes arrive in order, each exactly once', async (size) => {
  await using lab = await openCollector()
  const { client, connection } = await lab.pair()
  const sent = pattern(size, size)
  client.end(sent)
  const completion = await connection.closed
  expect(digest(lab.bytesOf(client.port))).toBe(digest(sent))
  expect(completion).toMatchObject({ reason: 'peer-end', bytesRead: size, bytesWritten: 0 })
  expect(lab.server.counters.bytesRead).toBe(size)
})

test('byte by byte: nothing is merged away or reordered', async () => {
  await using lab = await openCollector()
  const { client, connection } = await lab.pair()
  const sent = pattern(2_000, 1)
  for (const byte of sent) {
    client.socket.write(Buffer.of(byte))
  }
  client.end()
  await connection.closed
  expect(digest(lab.bytesOf(client.port))).toBe(digest(sent))
})

test('200 connections at once, each with its own bytes in its own sizes', async () => {
  await using lab = await openCollector()
  const pairs = await lab.pairs(200)
  const sent = pairs.map((_, index) => pattern(1 + index * 997, index))
  pairs.forEach(({ client }, index) => {
    client.end(sent[index])
  })
  const completions = await Promise.all(pairs.map(({ connection }) => connection.closed))
  const found = pairs.map(({ client }) => digest(lab.bytesOf(client.port)))
  expect(found).toEqual(sent.map(digest))
  expect(completions.map(({ bytesRead }) => bytesRead)).toEqual(sent.map(({ length }) => length))
})

test('a batch fuller than the slab: 48 connections with 1 MiB each lose nothing', async () => {
  await using lab = await openCollector({ readChunkBytes: MIB })
  const pairs = await lab.pairs(48)
  const sent = pairs.map((_, index) => pattern(MIB, 1_000 + index))
  pairs.forEach(({ client }, index) => {
    client.end(sent[index])
  })
  await Promise.all(pairs.map(({ connection }) => connection.closed))
  expect(pairs.map(({ client }) => digest(lab.bytesOf(client.port)))).toEqual(sent.map(digest))
})

test('readChunkBytes is the most that one data call brings', async () => {
  await using lab = await openCollector({ readChunkBytes: 512 })
  const { client, connection } = await lab.pair()
  const sent = pattern(100_000, 5)
  client.end(sent)
  await connection.closed
  const lengths = (lab.received.get(client.port) ?? []).map(({ length }) => length)
  expect(Math.max(...lengths)).toBe(512)
  expect(digest(lab.bytesOf(client.port))).toBe(digest(sent))
})

test('a flooding client does not keep another one waiting', async () => {
  const calls: string[] = []
  await using lab = await openLab({
    data(connection, chunk) {
      calls.push(connection.data as string)
      if (connection.data === 'quiet') {
        connection.write(chunk)
      }
    },
  })
  const flood = await lab.pair()
  const quiet = await lab.pair()
  flood.connection.data = 'flood'
  quiet.connection.data = 'quiet'
  flood.client.write(pattern(16 * MIB, 3))
  for (let round = 0; round < 20; round++) {
    quiet.client.write('ping')
    await quiet.client.read(4)
  }
  flood.client.end()
  expect((await flood.connection.closed).bytesRead).toBe(16 * MIB)
  // One receive per ready socket and turn: between two pings the flood gets a few, not its all.
  const streaks = calls
    .join(' ')
    .split('quiet')
    .map((part) => part.split('flood').length - 1)
  expect(Math.max(...streaks.slice(0, 20))).toBeLessThan(30)
})
