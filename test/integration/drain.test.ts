import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { Client } from '../support/client.js'
import { type Lab, openLab } from '../support/lab.js'
import { deferred } from '../support/wait.js'

/** What each client reads up to the server's FIN; a reset rejects. Then it ends as well. */
function goodbyes(clients: readonly Client[]): Promise<string[]> {
  return Promise.all(
    clients.map(async (client) => {
      const text = String(await client.rest())
      client.end()
      return text
    }),
  )
}

function clientsOf(lab: Lab, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => lab.client()))
}

test('who waits at the door of a suspended server is let in, told goodbye, and not reset', async () => {
  // Beyond the budget of a turn, so that it takes several.
  await using lab = await openLab({}, { acceptBudget: 16 })
  let cleanups = 0
  lab.server.onCleanup(() => {
    cleanups++
  })
  lab.server.suspend()
  const clients = await clientsOf(lab, 100)
  expect(lab.server.counters.arrived).toBe(0)
  const closing = lab.server.close({ message: 'bye\n' })
  expect(await goodbyes(clients)).toEqual(Array(100).fill('bye\n'))
  expect(await closing).toMatchObject({ arrived: 100, accepted: 100, closed: { shutdown: 100 } })
  expect(cleanups).toBe(100)
})

test('so is who has come while the event loop was busy', async () => {
  await using lab = await openLab({ shutdown: (connection) => connection.write('bye\n') })
  const clients = Array.from({ length: 50 }, () => new Client(connect(lab.port, '127.0.0.1')))
  for (const { socket } of clients) {
    socket.allowHalfOpen = true
  }
  // node:net connects in a nextTick callback, and the kernel answers although this loop does not
  // turn; what the server hears of first is close().
  await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)))
  expect(lab.server.counters.arrived).toBe(0)
  const closing = lab.server.close()
  expect(await goodbyes(clients)).toEqual(Array(50).fill('bye\n'))
  expect(await closing).toMatchObject({ accepted: 50, closed: { shutdown: 50 } })
})

test('deadlineMs 0 lets them in as well, and ends them at once', async () => {
  await using lab = await openLab()
  lab.server.suspend()
  const clients = await clientsOf(lab, 20)
  const counters = await lab.server.close({ deadlineMs: 0 })
  expect(counters).toMatchObject({ arrived: 20, accepted: 20, closed: { shutdown: 20 } })
  expect(await goodbyes(clients)).toEqual(Array(20).fill(''))
})

test('limits hold to the end: who has waited for room in vain is refused, and counted', async () => {
  await using lab = await openLab({}, { limits: { connections: 2 } })
  await lab.pairs(2)
  const waiting = await clientsOf(lab, 3)
  // Those inside do not answer the FIN, so they take their room until the deadline.
  const counters = await lab.server.close({ deadlineMs: 400 })
  expect(counters).toMatchObject({ arrived: 5, accepted: 2, refused: { 'max-connections': 3 } })
  await Promise.all(waiting.map((client) => client.untilOver()))
  expect(waiting.map(({ error }) => error?.code)).toEqual(Array(3).fill('ECONNRESET'))
})

test('who comes during the grace is not reset: the next attempt finds the port closed', async () => {
  await using lab = await openLab()
  const { client } = await lab.pair()
  const closing = lab.server.close({ message: 'bye\n' })
  const refused = deferred<string | undefined>()
  const late = connect(lab.port, '127.0.0.1')
  late.on('error', (error: NodeJS.ErrnoException) => refused.resolve(error.code))
  late.on('connect', () => refused.reject(new Error('connected')))
  expect(await goodbyes([client])).toEqual(['bye\n'])
  expect(await closing).toMatchObject({ arrived: 1 })
  expect(await refused.promise).toBe('ECONNREFUSED')
})

test('perSecond spreads the ends', async () => {
  const endedAtMs: number[] = []
  await using lab = await openLab({
    shutdown: () => {
      endedAtMs.push(performance.now())
    },
  })
  const pairs = await lab.pairs(30)
  const from = performance.now()
  const closing = lab.server.close({ perSecond: 100, message: 'bye\n' })
  const texts = await goodbyes(pairs.map(({ client }) => client))
  expect(texts).toEqual(Array(30).fill('bye\n'))
  expect(await closing).toMatchObject({ closed: { shutdown: 30 } })
  // Five a step: not before the sixth step is the last one's turn, and no turn is given early.
  // A timer of Node is up to a millisecond early.
  for (const [at, ms] of endedAtMs.entries()) {
    expect(ms - from).toBeGreaterThan(Math.floor(at / 5) * 49 - 1)
  }
})

test('a client that ends while it waits for its turn ends as peer-end', async () => {
  await using lab = await openLab()
  const pairs = await lab.pairs(3)
  const closing = lab.server.close({ perSecond: 1 })
  for (const { client } of pairs) {
    client.end()
  }
  // Long before three turns are given, one a second.
  const counters = await closing
  expect(counters.closed).toMatchObject({ 'peer-end': 3, shutdown: 0 })
})

test('close() called by handler.open gives that connection one turn like any other', async () => {
  let turns = 0
  await using lab = await openLab({
    open: (connection) => {
      void connection.server.close({ message: 'bye\n' })
    },
    shutdown: async (connection) => {
      turns++
      await new Promise((resolve) => setImmediate(resolve))
      connection.write(`turn ${turns} `)
    },
  })
  const client = await lab.client()
  expect(await goodbyes([client])).toEqual(['turn 1 bye\n'])
  expect(turns).toBe(1)
})

test('perSecond counts who was at the door: too slow for them is warned of, once', async () => {
  const warnings: string[] = []
  const note = ({ code, message }: Error & { code?: string }) => {
    if (code === 'HOLDFAST_DRAIN_TOO_SLOW') warnings.push(message)
  }
  process.on('warning', note)
  try {
    await using lab = await openLab()
    lab.server.suspend()
    await clientsOf(lab, 40)
    const closing = lab.server.close({ perSecond: 20, deadlineMs: 1_000 })
    expect(await closing).toMatchObject({ accepted: 40, closed: { shutdown: 40 } })
    expect(warnings).toEqual([
      expect.stringMatching(
        /^close: \d+ connections at perSecond 20 take \d+ ms; what is left at the deadline, in \d+ ms, ends then, at once$/,
      ),
    ])
  } finally {
    process.off('warning', note)
  }
})
