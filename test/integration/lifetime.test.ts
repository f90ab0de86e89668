import { describe, expect, test } from 'vitest'
import { echo } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

// The server ends these by itself. Its handlers must learn of it as if they had called end().

describe.concurrent('after its lifetime', () => {
  test('a connection is ending, and what is written is counted as written after the end', async () => {
    await using lab = await openLab({}, { maxQueuedBytes: 200_000, deadlines: { lifetimeMs: 300 } })
    const { connection, client } = await lab.pair()
    await client.rest()
    expect(connection).toMatchObject({ state: 'draining', writable: false })
    for (let i = 0; i < 40; i++) {
      expect(connection.write(Buffer.alloc(10_000))).toBe(false)
    }
    expect(lab.server.broadcast('to all', { to: [connection] })).toMatchObject({ taken: 0 })
    expect(lab.server.counters).toMatchObject({ writesAfterEnd: 41, bytesWritten: 0 })
    expect(connection.info()?.bytesQueued).toBe(0)
    client.end()
    expect(await connection.closed).toMatchObject({ reason: 'lifetime', bytesWritten: 0 })
  })

  test('what the client still sends is read to its end by an echo that cannot answer', async () => {
    await using lab = await openLab(echo, { deadlines: { lifetimeMs: 300 } })
    const { connection, client } = await lab.pair()
    await client.rest()
    client.end(Buffer.alloc(500_000))
    expect(await connection.closed).toMatchObject({ reason: 'lifetime', bytesRead: 500_000 })
  })

  test('an echo that waits for drain goes on when the client reads', async () => {
    await using lab = await openLab(echo, { deadlines: { lifetimeMs: 300 } })
    const { connection, client } = await lab.pair()
    // More than all buffers of both hold, so that it waits with bytes unread.
    client.end(Buffer.alloc(30_000_000))
    await until(() => !connection.writable, 'the lifetime is over')
    const echoed = await client.rest()
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'lifetime', bytesRead: 30_000_000 })
    expect(echoed.length).toBe(completion.bytesWritten)
    expect(echoed.length).toBeGreaterThan(0)
  })

  test('all that was taken is sent, whenever it was written', async () => {
    await using lab = await openLab({}, { deadlines: { lifetimeMs: 300 } })
    const pairs = await lab.pairs(10)
    const sent = pairs.map(async ({ connection, client }, index) => {
      const received = client.rest()
      let taken = 0
      while (connection.writable) {
        connection.write(Buffer.alloc(1000))
        taken += 1000
        await new Promise((resolve) =>
          index % 2 === 0 ? setImmediate(resolve) : setTimeout(resolve, 1),
        )
      }
      expect((await received).length).toBe(taken)
      client.end()
      expect(await connection.closed).toMatchObject({ reason: 'lifetime', bytesWritten: taken })
      return taken
    })
    const total = (await Promise.all(sent)).reduce((sum, taken) => sum + taken)
    expect(lab.server.counters).toMatchObject({ bytesWritten: total, writesAfterEnd: 0 })
  })

  test('a client that does not answer the end, and goes on sending, is cut after endMs', async () => {
    let heard = 0
    const handler = { data: () => void heard++ }
    await using lab = await openLab(handler, { deadlines: { lifetimeMs: 200, endMs: 300 } })
    const { connection, client } = await lab.pair()
    const chatter = setInterval(() => client.write('x'), 20)
    const completion = await connection.closed
    clearInterval(chatter)
    expect(completion).toMatchObject({ reason: 'lifetime', actor: 'policy' })
    expect(completion.durationMs).toBeGreaterThanOrEqual(500)
    expect(heard).toBeGreaterThan(0)
  })

  test('server.close() finds it ending, and has no goodbye for it', async () => {
    let goodbyes = 0
    const handler = { shutdown: () => void goodbyes++ }
    await using lab = await openLab(handler, { deadlines: { lifetimeMs: 200 } })
    const { connection, client } = await lab.pair()
    const received = client.rest()
    await until(() => !connection.writable, 'the lifetime is over')
    const closed = lab.server.close({ message: 'bye' })
    expect((await received).toString()).toBe('')
    client.end()
    await closed
    expect(goodbyes).toBe(0)
    expect(await connection.closed).toMatchObject({ reason: 'lifetime' })
  })
})
