import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { type Connection, type DisconnectCompletion, echo } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { turns } from '../support/wait.js'

// An id is generation * 2^24 + slot.
const slotOf = (id: number) => id % 2 ** 24

/** Connects; resolves when the connection is gone again, by whatever end. */
function comeAndGo(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).on('close', () => resolve())
    socket.resume()
  })
}

test('10,000 connections come and go: slots are used again, ids are not', async () => {
  const cycles = 10_000
  const atOnce = 100
  const ids: number[] = []
  await using lab = await openLab({
    open(connection) {
      ids.push(connection.id)
      connection.reset() // RST: no port is left in TIME_WAIT
    },
  })
  for (let done = 0; done < cycles; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => comeAndGo(lab.port)))
  }
  while (lab.completions.length < cycles) {
    await turns()
  }
  expect(new Set(ids).size).toBe(cycles)
  expect(Math.max(...ids.map(slotOf))).toBeLessThan(1_024)
  expect(new Set(lab.completions.map(({ id }) => id)).size).toBe(cycles)
  expect(lab.server.counters).toMatchObject({ accepted: cycles, open: 0 })
  expect(lab.server.counters.closed['local-abort']).toBe(cycles)
})

/** Everything that can be asked of a connection whose client is long gone. */
function misuse(stale: Connection): void {
  expect(stale.state).toBe('closed')
  expect(stale.writable).toBe(false)
  expect(stale.write('not for you')).toBe(false)
  expect(stale.write(Buffer.alloc(100_000, 'x'))).toBe(false)
  expect(stale.info()).toBe(null)
  expect(() => stale.keepalive(false)).toThrow('the connection has ended')
  stale.end('not for you either')
  stale.pause()
  stale.resume()
  stale.unref()
  stale.ref()
  stale.reset()
  stale.destroy()
}

test('a closed connection never reaches the client that has its slot now', async () => {
  await using lab = await openLab(echo)
  const stale: Connection[] = []
  let reused = 0
  for (let round = 0; round < 150; round++) {
    const { client, connection } = await lab.pair()
    reused += Number(stale.some(({ id }) => slotOf(id) === slotOf(connection.id)))
    for (const old of stale.slice(-10)) {
      misuse(old)
    }
    const { remotePort, id } = connection
    client.write(`round ${round}`)
    expect((await client.read(`round ${round}`.length)).toString()).toBe(`round ${round}`)
    expect(connection.state).toBe('open')
    client.reset()
    const completion = await connection.closed
    expect(completion).toMatchObject({ id, remotePort, reason: 'peer-reset' })
    stale.push(connection)
  }
  expect(reused).toBeGreaterThan(100)
  // Each still tells of itself.
  expect(new Set(stale.map(({ id }) => id)).size).toBe(150)
  expect(new Set(stale.map(({ completion }) => completion?.id)).size).toBe(150)
})

test('a stale connection within the batch that reports its end', async () => {
  const seen: Connection[] = []
  await using lab = await openLab({
    close(connection) {
      seen.push(connection)
      for (const old of seen) {
        misuse(old)
      }
    },
  })
  const pairs = await lab.pairs(40)
  for (const { client } of pairs) {
    client.reset() // all of them before this loop turns again
  }
  await Promise.all(pairs.map(({ connection }) => connection.closed))
  expect(seen.length).toBe(40)
})

test('closing twice, in any way, gives the same completion', async () => {
  await using lab = await openLab()
  const { connection } = await lab.pair()
  const early = connection.closed
  connection.destroy()
  connection.destroy()
  connection.reset()
  connection.end()
  const completion = await early
  expect(await connection.closed).toBe(completion)
  expect(connection.completion).toBe(completion)
  connection.destroy()
  connection.end()
  await turns(3)
  expect(await connection.closed).toBe(completion)
  expect(connection.completion).toBe(completion)
  expect(completion.reason).toBe('local-abort')
  expect(lab.completions).toEqual([completion])
})

test('400 connections that end in every way at once: one completion each, and sums that add up', async () => {
  const failure = new Error('on purpose')
  const closes = new Map<Connection, DisconnectCompletion[]>()
  await using lab = await openLab({
    data(connection, chunk) {
      connection.write(chunk)
      if (chunk.includes('!')) {
        throw failure
      }
    },
    close(connection, completion) {
      closes.set(connection, [...(closes.get(connection) ?? []), completion])
    },
  })
  // Thrown while the connection was ending for another reason already.
  const unfit: unknown[] = []
  lab.server.onError((error) => unfit.push(error))
  const pairs = await lab.pairs(400)
  const ways: ((pair: (typeof pairs)[number]) => void)[] = [
    ({ client }) => client.end('bye'),
    ({ client }) => client.reset(),
    ({ connection }) => connection.destroy(),
    ({ connection }) => connection.reset(),
    ({ client, connection }) => {
      connection.end('bye')
      client.end()
    },
    ({ client }) => client.write('!'),
    ({ client, connection }) => {
      connection.destroy()
      client.reset()
    },
    ({ client, connection }) => {
      client.end('!')
      connection.end()
    },
  ]
  pairs.forEach((pair, index) => {
    ways[index % ways.length]?.(pair)
  })
  await Promise.all(pairs.map(({ connection }) => connection.closed))
  expect([...closes.values()].every((completions) => completions.length === 1)).toBe(true)
  const { closed, accepted, open } = lab.server.counters
  expect({ accepted, open }).toEqual({ accepted: 400, open: 0 })
  expect(Object.values(closed).reduce((sum, count) => sum + count, 0)).toBe(400)
  for (const reason of ['peer-end', 'peer-reset', 'local-end', 'local-abort', 'handler-error']) {
    const reported = lab.completions.filter((completion) => completion.reason === reason).length
    expect(reported).toBeGreaterThanOrEqual(50)
    expect(closed).toHaveProperty(reason, reported)
  }
  expect(unfit.every((error) => error === failure)).toBe(true)
})
