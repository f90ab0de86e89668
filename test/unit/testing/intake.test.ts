import { expect, test } from 'vitest'
import { lines, protocol } from '../../../lib/index.js'
import { testServer } from '../../../lib/testing/index.js'

test('a client above its rate is not read until a quarter of a second has come', async () => {
  const chunks: string[] = []
  await using bench = testServer(
    {
      data(_connection, chunk) {
        chunks.push(`${chunk.length} at ${bench.nowMs}`)
      },
    },
    { limits: { readBytesPerSecond: 1_000, readBurstBytes: 1_000 } },
  )
  const client = bench.connect()
  client.send(Buffer.alloc(1_600))
  client.end()
  await bench.settle()
  expect(chunks).toEqual(['1000 at 0'])
  expect(client.completion).toBeNull()
  await bench.advance(2_000)
  expect(chunks).toEqual(['1000 at 0', '250 at 250', '250 at 500', '100 at 750'])
  expect(client.completion).toMatchObject({ reason: 'peer-end', durationMs: 750, bytesRead: 1_600 })
  expect(bench.server.counters.throttled).toBe(3)
})

test('pings that are too many are all paid for before anything more is read', async () => {
  const seen: string[] = []
  const pinging = protocol({
    codec: lines(),
    message(connection, line) {
      seen.push(`${line} at ${bench.nowMs}`)
      if (line === 'ping') connection.pinged()
    },
  })
  // That bytes are limited too makes no difference: there are enough of them.
  const limits = { pingsPerMinute: 60, pingBurst: 1, readBytesPerSecond: 1_000 }
  await using bench = testServer(pinging, { limits })
  const client = bench.connect()
  client.send('ping\nping\nping\n')
  await bench.settle()
  client.sendMessage('after')
  await bench.advance(1_999)
  expect(seen).toEqual(['ping at 0', 'ping at 0', 'ping at 0'])
  await bench.advance(1)
  expect(seen.at(-1)).toBe('after at 2000')
})

test('a throttled client is not idle meanwhile, and is found when it vanishes', async () => {
  const limits = { readBytesPerSecond: 100, readBurstBytes: 100 }
  const keepalive = { idleMs: 1_000, intervalMs: 1_000, count: 1 }
  await using bench = testServer({}, { limits, keepalive, deadlines: { readIdleMs: 200 } })
  const client = bench.connect()
  client.send(Buffer.alloc(120))
  await bench.advance(240)
  expect(client.completion).toBeNull()
  client.vanish()
  await bench.advance(10)
  expect(bench.server.counters.bytesRead).toBe(120)
  await bench.advance(200)
  expect(client.completion?.reason).toBe('idle-timeout')
})
