import { describe, expect, test } from 'vitest'
import type { Connection, Handler } from '../../../lib/index.js'
import { type TestServer, testServer } from '../../../lib/testing/index.js'

/** Writes down when its connection was asked for a heartbeat, and when it ended. */
function timeline(handler: Handler = {}) {
  const seen: string[] = []
  const timed = (nowMs: () => number): Handler => ({
    ...handler,
    heartbeat(connection) {
      seen.push(`heartbeat at ${nowMs()}`)
      return handler.heartbeat?.(connection)
    },
    close(_connection, { reason, durationMs }) {
      seen.push(`${reason} at ${nowMs()}, after ${durationMs}`)
    },
  })
  return { seen, timed }
}

/** A server whose handler knows its clock. */
function timedServer(options: Parameters<typeof testServer>[1], handler: Handler = {}) {
  const { seen, timed } = timeline(handler)
  const bench: TestServer = testServer(
    timed(() => bench.nowMs),
    options,
  )
  return { bench, seen }
}

describe('deadlines come at their time', () => {
  test.each([
    ['idleMs', 'idle-timeout'],
    ['readIdleMs', 'idle-timeout'],
    ['writeIdleMs', 'idle-timeout'],
    ['handshakeMs', 'handshake-timeout'],
  ] as const)('%s: %s, and not a millisecond before', async (name, reason) => {
    const { bench, seen } = timedServer({ deadlines: { [name]: 1_000 } })
    bench.connect()
    await bench.advance(999)
    expect(seen).toEqual([])
    await bench.advance(1)
    expect(seen).toEqual([`${reason} at 1000, after 1000`])
    await bench[Symbol.asyncDispose]()
  })

  test('what a client sends puts off the idle time, and ready() ends the handshake', async () => {
    const deadlines = { idleMs: 1_000, handshakeMs: 1_500 }
    const { bench, seen } = timedServer({ deadlines }, { data: (connection) => connection.ready() })
    const client = bench.connect()
    await bench.advance(900)
    client.send('x')
    await bench.advance(999)
    expect(seen).toEqual([])
    await bench.advance(1)
    expect(seen).toEqual(['idle-timeout at 1900, after 1900'])
    await bench[Symbol.asyncDispose]()
  })

  test.each(['idleMs', 'writeIdleMs'])('what the server sends puts off %s', async (name) => {
    const { bench, seen } = timedServer({ deadlines: { [name]: 1_000 } })
    const client = bench.connect()
    await bench.advance(900)
    client.connection.write('x')
    await bench.advance(5_000)
    expect(seen).toEqual(['idle-timeout at 1900, after 1900'])
    expect(await client.receiveText()).toBe('x')
    await bench[Symbol.asyncDispose]()
  })

  test('an end that the client does not answer comes about after endMs', async () => {
    const { bench, seen } = timedServer({ deadlines: { endMs: 500 } })
    const client = bench.connect({ allowHalfOpen: true })
    await bench.advance(100)
    client.connection.end()
    await bench.advance(5_000)
    expect(seen).toEqual(['local-end at 600, after 600'])
    await bench[Symbol.asyncDispose]()
  })

  test('a paused connection is not idle, and its silence counts from resume()', async () => {
    const { bench, seen } = timedServer({ deadlines: { readIdleMs: 1_000 } })
    const client = bench.connect()
    await bench.settle()
    client.connection.pause()
    await bench.advance(5_000)
    expect(seen).toEqual([])
    client.connection.resume()
    await bench.advance(1_000)
    expect(seen).toEqual(['idle-timeout at 6000, after 6000'])
    await bench[Symbol.asyncDispose]()
  })

  test('a lifetime ends as by end(): a client that answers sees the end at once', async () => {
    const { bench, seen } = timedServer({ deadlines: { lifetimeMs: 60_000 } })
    const client = bench.connect()
    await bench.advance(60_000)
    expect(await client.closed).toBe('end')
    expect(seen).toEqual(['lifetime at 60000, after 60000'])
    await bench[Symbol.asyncDispose]()
  })

  test('a lifetime ends endMs later for a client that does not answer', async () => {
    const { bench, seen } = timedServer({ deadlines: { lifetimeMs: 60_000, endMs: 500 } })
    bench.connect({ allowHalfOpen: true })
    await bench.advance(70_000)
    expect(seen).toEqual(['lifetime at 60500, after 60500'])
    await bench[Symbol.asyncDispose]()
  })

  test('a backlog that stays for too long: slow-consumer', async () => {
    const { bench, seen } = timedServer(
      { deadlines: { backlogMs: 2_000 } },
      { data: (connection, chunk) => void connection.write(chunk) },
    )
    const client = bench.connect()
    client.stopReading()
    await bench.advance(100)
    client.send('x')
    await bench.advance(10_000)
    expect(seen).toEqual(['slow-consumer at 2100, after 2100'])
    expect(await client.closed).toBe('reset')
    await bench[Symbol.asyncDispose]()
  })

  test('many connections: each at its own time, in order', async () => {
    const { bench, seen } = timedServer({ deadlines: { idleMs: 1_000 } })
    for (let n = 0; n < 3; n++) {
      bench.connect()
      await bench.advance(100)
    }
    await bench.advance(2_000)
    expect(seen).toEqual([1_000, 1_100, 1_200].map((at) => `idle-timeout at ${at}, after 1000`))
    expect(bench.nowMs).toBe(2_300)
    await bench[Symbol.asyncDispose]()
  })
})

describe('a heartbeat', () => {
  const heartbeat = { intervalMs: 10_000, replyMs: 3_000 }
  const ping = (connection: Connection) => void connection.write('ping')

  test('is asked for after the interval, and goes on while it is answered', async () => {
    const { bench, seen } = timedServer({ heartbeat }, { heartbeat: ping })
    const client = bench.connect()
    for (let beats = 0; beats < 3; beats++) {
      await bench.advance(10_000)
      expect(await client.receiveText()).toBe('ping')
      client.send('pong')
    }
    await bench.settle()
    expect(seen).toEqual([10_000, 20_000, 30_000].map((at) => `heartbeat at ${at}`))
    await bench[Symbol.asyncDispose]()
  })

  test('that is not answered: heartbeat-timeout after the reply time', async () => {
    const { bench, seen } = timedServer({ heartbeat }, { heartbeat: ping })
    const client = bench.connect()
    await bench.advance(60_000)
    expect(seen).toEqual(['heartbeat at 10000', 'heartbeat-timeout at 13000, after 13000'])
    expect(client.received.toString()).toBe('ping')
    await bench[Symbol.asyncDispose]()
  })
})

describe('a client that vanishes', () => {
  const keepalive = { idleMs: 20_000, intervalMs: 5_000, count: 4 }

  test('while nothing is outstanding: keepalive-timeout after the bound of the policy', async () => {
    const { bench, seen } = timedServer({ keepalive })
    const client = bench.connect()
    await bench.advance(7_000)
    client.vanish()
    const { detectionMs } = bench.server.keepalive
    await bench.advance((detectionMs as number) - 1)
    expect(seen).toEqual([])
    await bench.advance(1)
    expect(seen).toEqual(['keepalive-timeout at 47000, after 47000'])
    expect(client.completion).toMatchObject({
      ...{ actor: 'network', code: 'ETIMEDOUT', detectedMs: 40_000 },
      evidence: { decidedBy: 'kernel', tcp: null },
    })
    await bench[Symbol.asyncDispose]()
  })

  test.each<[string, (connection: Connection) => void]>([
    ['data', (connection) => void connection.write('anybody there?')],
    ['a FIN', (connection) => connection.end()],
  ])('while %s is outstanding: send-timeout, decided by the clock', async (_name, act) => {
    const { bench, seen } = timedServer({ keepalive })
    const client = bench.connect()
    await bench.settle()
    client.vanish()
    await bench.advance(30_000)
    act(client.connection)
    client.send('nobody hears this')
    await bench.advance(60_000)
    expect(seen).toEqual(['send-timeout at 40000, after 40000'])
    expect(client.completion).toMatchObject({
      bytesRead: 0,
      evidence: { decidedBy: 'liveness-clock' },
    })
    expect(client.received.length).toBe(0)
    await bench[Symbol.asyncDispose]()
  })

  test('is held to the policy of its own connection', async () => {
    const { bench, seen } = timedServer({ keepalive })
    const [quick, unwatched] = [bench.connect(), bench.connect()]
    await bench.settle()
    quick.connection.keepalive('lan-strict')
    unwatched.connection.keepalive(false)
    quick.vanish()
    unwatched.vanish()
    await bench.advance(1_000_000)
    expect(seen).toEqual(['keepalive-timeout at 9000, after 9000'])
    expect(unwatched.completion).toBeNull()
    await bench[Symbol.asyncDispose]()
  })

  test('never sees the end', async () => {
    const { bench } = timedServer({ keepalive })
    const client = bench.connect()
    await bench.settle()
    client.vanish()
    await bench.advance(60_000)
    await expect(client.closed).rejects.toThrow(
      'closed: the server has not ended client 192.0.2.1:50000 (vanished, ended with keepalive-timeout)',
    )
    await bench[Symbol.asyncDispose]()
  })
})

test('a day of a thousand connections takes no time', async () => {
  const day = 86_400_000
  await using bench = testServer(
    { heartbeat: (connection) => void connection.write('.') },
    { deadlines: { lifetimeMs: day }, keepalive: false },
  )
  for (let n = 0; n < 1_000; n++) bench.connect()
  await bench.advance(day)
  expect(bench.server.counters).toMatchObject({ open: 0, closed: { lifetime: 1_000 } })
})

test.each([-1, 0.5, '1', Number.NaN])('refuses to advance by %s', async (ms) => {
  await using bench = testServer({})
  await expect(bench.advance(ms as number)).rejects.toThrow(/advance: ms must be an integer/)
})
