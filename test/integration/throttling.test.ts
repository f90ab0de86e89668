import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Connection, Handler, LimitOptions } from '../../lib/index.js'
import { pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

// What the loop's clock, in whole milliseconds, may be behind this one.
const CLOCK_MS = 2

/**
 * A handler that keeps what arrives, and compares each chunk with what may have come by then: the
 * burst and the rate's share of the time since before the client connected, which is exact.
 */
class Meter {
  readonly chunks: Buffer[] = []
  readonly problems: string[] = []
  received = 0
  readonly #beganMs = performance.now()
  readonly #perSecond: number
  readonly #burst: number

  constructor({ readBytesPerSecond = 0, readBurstBytes = readBytesPerSecond }: LimitOptions) {
    this.#perSecond = readBytesPerSecond
    this.#burst = readBurstBytes
  }

  readonly take = (_: Connection, chunk: Buffer): void => {
    this.chunks.push(chunk)
    this.received += chunk.length
    const elapsedMs = performance.now() - this.#beganMs + CLOCK_MS
    const most = this.#burst + (this.#perSecond * elapsedMs) / 1000
    if (this.received > most) {
      this.problems.push(`${this.received} bytes after ${elapsedMs} ms, ${most} allowed`)
    }
  }
}

describe.concurrent('a client that sends too fast', () => {
  test('is read at its rate, and all it sends arrives in order', async () => {
    const limits = { readBytesPerSecond: 400_000, readBurstBytes: 50_000 }
    const meter = new Meter(limits)
    await using lab = await openLab({ data: meter.take }, { limits })
    const { client, connection } = await lab.pair()
    const sent = pattern(600_000, 1)
    client.end(sent)
    const completion = await connection.closed
    expect(meter.problems).toEqual([])
    expect(Buffer.concat(meter.chunks).equals(sent)).toBe(true)
    expect(completion).toMatchObject({ reason: 'peer-end', bytesRead: sent.length })
    expect(completion.durationMs).toBeGreaterThanOrEqual(1375)
    expect(lab.server.counters.throttled).toBeGreaterThan(0)
  })

  test('does not slow down the others', async () => {
    const limits = { readBytesPerSecond: 2_000, readBurstBytes: 1_000 }
    let flood: Connection | null = null
    const handler: Handler = {
      open: (connection) => {
        flood ??= connection
      },
      data: (connection, chunk) => {
        if (connection !== flood) connection.write(chunk)
      },
    }
    await using lab = await openLab(handler, { limits })
    const flooding = await lab.pair()
    flooding.client.write(pattern(200_000, 1))
    await until(() => lab.server.counters.throttled > 0, 'the flood is throttled')
    const { client } = await lab.pair()
    for (let round = 0; round < 50; round++) {
      client.write('ping-pong')
      expect((await client.read(9)).toString()).toBe('ping-pong')
    }
    expect(flooding.connection.info()?.bytesRead).toBeLessThan(200_000)
  })

  test('and is paused goes on when neither stands against it', async () => {
    const limits = { readBytesPerSecond: 1_000, readBurstBytes: 2_000 }
    const meter = new Meter(limits)
    await using lab = await openLab({ data: meter.take }, { limits })
    const { client, connection } = await lab.pair()
    const sent = pattern(4_000, 1)
    client.write(sent)
    await until(() => lab.server.counters.throttled >= 1, 'it is throttled')
    connection.pause()
    connection.resume() // the rate still stands against it
    await until(() => lab.server.counters.throttled >= 2, 'it went on and is throttled again')
    connection.pause()
    await delay(600) // by then the rate has long allowed more: nothing is to happen
    expect(meter.received).toBe(connection.info()?.bytesRead)
    expect(meter.received).toBeLessThan(4_000)
    connection.resume()
    await until(() => meter.received === 4_000, 'all of it')
    expect(meter.problems).toEqual([])
    expect(Buffer.concat(meter.chunks).equals(sent)).toBe(true)
  })

  test('ends with rate-limit at the first byte too many where that is the consequence', async () => {
    const limits = { readBytesPerSecond: 100, readBurstBytes: 5_000, whenFast: 'end' } as const
    await using lab = await openLab({}, { limits })
    const [within, above] = await lab.pairs(2)
    if (within === undefined || above === undefined) throw new Error('two pairs')
    within.client.write(pattern(5_000, 1))
    above.client.write(pattern(100_000, 1))
    const completion = await above.connection.closed
    expect(completion).toMatchObject({ reason: 'rate-limit', actor: 'policy', code: null })
    expect(completion.bytesRead).toBeGreaterThan(5_000)
    const most = 5_001 + (100 * completion.durationMs) / 1000
    expect(completion.bytesRead).toBeLessThanOrEqual(most)
    await until(() => within.connection.info()?.bytesRead === 5_000, 'all of who kept to it')
    expect(within.connection.completion).toBeNull()
    expect(lab.server.counters.throttled).toBe(0)
  })
})

describe.concurrent('a client that pings too often', () => {
  /** A ping is one byte, and there are no other messages. */
  const handler: Handler = {
    data(connection, chunk) {
      for (const _ of chunk) connection.pinged()
      connection.write(chunk)
    },
  }

  test('is not read until its rate allows it, and answered then', async () => {
    const limits = { pingsPerMinute: 300, pingBurst: 2 } // one in 200 ms
    await using lab = await openLab(handler, { limits })
    const { client } = await lab.pair()
    const beganMs = performance.now()
    for (let ping = 0; ping < 5; ping++) {
      client.write('.')
      await client.read(1)
    }
    // The third is owed and holds up the fourth, that one the fifth.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(400 - CLOCK_MS)
    expect(lab.server.counters.throttled).toBeGreaterThanOrEqual(2)
    expect(lab.server.counters.closed['rate-limit']).toBe(0)
  })

  test('all at once is not read until its rate has paid for every one of them', async () => {
    const limits = { pingsPerMinute: 1200, pingBurst: 5 } // one in 50 ms
    await using lab = await openLab(handler, { limits })
    const { client } = await lab.pair()
    const beganMs = performance.now()
    client.write(pattern(25, 1))
    await client.read(25)
    client.write('.')
    await client.read(1)
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(1000 - CLOCK_MS)
    expect(lab.server.counters.closed['rate-limit']).toBe(0)
  })

  test('and owes hours for it ends at its lifetime all the same', async () => {
    const deadlines = { lifetimeMs: 400, endMs: 100, idleMs: 100 }
    await using lab = await openLab(handler, { limits: { pingsPerMinute: 1 }, deadlines })
    const { client, connection } = await lab.pair()
    client.write(pattern(1000, 1))
    await client.read(1000)
    client.write('never read')
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'lifetime', bytesRead: 1000 })
    expect(completion.durationMs).toBeGreaterThanOrEqual(400)
    expect(lab.server.counters.throttled).toBe(1)
  })

  test('is answered at once as long as it keeps to its burst', async () => {
    await using lab = await openLab(handler, { limits: { pingsPerMinute: 5 } })
    const { client } = await lab.pair()
    client.write('.....')
    await client.read(5)
    expect(lab.server.counters.throttled).toBe(0)
  })

  test('reports its death although it is not read', async () => {
    await using lab = await openLab(handler, { limits: { pingsPerMinute: 1 } })
    const { client, connection } = await lab.pair()
    client.write('..')
    await until(() => lab.server.counters.throttled === 1, 'it is throttled')
    client.write('never read')
    client.reset()
    expect(await connection.closed).toMatchObject({ reason: 'peer-reset', bytesRead: 2 })
    // Of one that has ended, too.
    expect(lab.server.counters.throttled).toBe(1)
  })

  test('ends with rate-limit where that is the consequence', async () => {
    const limits = { pingsPerMinute: 2, whenPinging: 'end' } as const
    await using lab = await openLab(handler, { limits })
    const { client, connection } = await lab.pair()
    client.write('..')
    await client.read(2)
    expect(connection.completion).toBeNull()
    client.write('.')
    expect(await connection.closed).toMatchObject({ reason: 'rate-limit', actor: 'policy' })
    expect(lab.server.counters.closed['rate-limit']).toBe(1)
  })

  test('and is not limited may do so', async () => {
    await using lab = await openLab(handler)
    const { client, connection } = await lab.pair()
    client.write(pattern(10_000, 1))
    await client.read(10_000)
    connection.destroy()
    connection.pinged() // harmless after the end
    await connection.closed
    expect(lab.server.counters.throttled).toBe(0)
  })
})
