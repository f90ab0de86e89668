import { expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'

interface Kept {
  chunk: Buffer
  digestAtArrival: string
}

// What data() receives is the handler's own. Native reuses its slab with every batch, and a sanitizer
// build overwrites it with 0xdd: a chunk that still pointed there would change.
function keeper() {
  const kept = new Map<Connection, Kept[]>()
  return {
    kept,
    handler: {
      data(connection: Connection, chunk: Buffer) {
        const list = kept.get(connection) ?? []
        list.push({ chunk, digestAtArrival: digest(chunk) })
        kept.set(connection, list)
      },
    },
  }
}

test('chunks kept from one client stay what they were while 50 others send', async () => {
  const { kept, handler } = keeper()
  await using lab = await openLab(handler)
  const first = await lab.pair()
  const sent = pattern(300_000, 1)
  first.client.end(sent)
  await first.connection.closed
  const before = digest(Buffer.concat((kept.get(first.connection) ?? []).map((k) => k.chunk)))
  expect(before).toBe(digest(sent))

  const others = await lab.pairs(50)
  others.forEach(({ client }, index) => {
    client.end(pattern(40_000, 100 + index))
  })
  await Promise.all(others.map(({ connection }) => connection.closed))

  for (const list of kept.values()) {
    for (const { chunk, digestAtArrival } of list) {
      expect(digest(chunk)).toBe(digestAtArrival)
    }
  }
  expect(digest(Buffer.concat((kept.get(first.connection) ?? []).map((k) => k.chunk)))).toBe(before)
})

test('small chunks of one batch that share memory do not overlap', async () => {
  const { kept, handler } = keeper()
  await using lab = await openLab(handler)
  const pairs = await lab.pairs(30)
  // All written before this loop turns again, so that one batch brings all of them.
  pairs.forEach(({ client }, index) => {
    client.write(pattern(1 + index, index))
  })
  pairs.forEach(({ client }) => {
    client.end()
  })
  await Promise.all(pairs.map(({ connection }) => connection.closed))
  // Writing into a chunk is allowed and must not reach another one.
  for (const [first] of kept.values()) {
    first?.chunk.fill(0xee)
  }
  pairs.forEach(({ connection }, index) => {
    const chunks = kept.get(connection) ?? []
    const total = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0)
    expect(total).toBe(1 + index)
    expect(chunks[0]?.chunk.every((byte) => byte === 0xee)).toBe(true)
  })
})

test('a chunk that was changed and written back goes out as changed', async () => {
  await using lab = await openLab({
    data(connection, chunk) {
      chunk.reverse()
      connection.write(chunk)
      chunk.fill(0) // after write() the memory is the caller's again
    },
  })
  const { client } = await lab.pair()
  client.write('desserts')
  expect((await client.read(8)).toString()).toBe('stressed')
})
