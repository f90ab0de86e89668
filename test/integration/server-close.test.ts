import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { echo, type Server, type ServerCounters } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { connectClient } from '../support/client.js'
import { conservationProblem } from '../support/conservation.js'
import { openLab } from '../support/lab.js'
import { deferred, turns } from '../support/wait.js'

const MIB = 1024 * 1024

test('without connections: closed at once, and the port refuses', async () => {
  await using lab = await openLab()
  const counters = await lab.server.close()
  expect(counters).toMatchObject({ arrived: 0, accepted: 0, open: 0 })
  await expect(connectClient(lab.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('every connection ends with shutdown, and what was queued is sent first', async () => {
  await using lab = await openLab()
  const pairs = await lab.pairs(4)
  const sent = pattern(6 * MIB, 1)
  for (const { connection } of pairs) {
    connection.write(sent)
  }
  const closing = lab.server.close()
  expect(pairs.every(({ connection }) => connection.state === 'draining')).toBe(true)
  for (const { client } of pairs) {
    expect(digest(await client.rest())).toBe(digest(sent))
    client.end()
  }
  const counters = await closing
  expect(counters.closed.shutdown).toBe(4)
  expect(counters.bytesWritten).toBe(4 * sent.length)
  for (const completion of lab.completions) {
    expect(completion).toMatchObject({ reason: 'shutdown', actor: 'local' })
  }
})

test('a client that never ends is destroyed at the deadline, not before', async () => {
  await using lab = await openLab()
  const polite = await lab.pair({ allowHalfOpen: false })
  const stubborn = await lab.pair()
  polite.client.socket.resume()
  const from = performance.now()
  const closing = lab.server.close({ deadlineMs: 1_000 })
  expect((await polite.connection.closed).reason).toBe('shutdown')
  expect(stubborn.connection.state).toBe('draining')
  const counters = await closing
  expect(performance.now() - from).toBeGreaterThan(990)
  // The default would be 10 s.
  expect(performance.now() - from).toBeLessThan(5_000)
  expect(stubborn.connection.completion?.reason).toBe('shutdown')
  expect(counters.closed.shutdown).toBe(2)
})

test('a client that does not read what is queued: dropped at the deadline, and counted', async () => {
  await using lab = await openLab()
  const { connection } = await lab.pair()
  connection.write(Buffer.alloc(16 * MIB))
  await lab.server.close({ deadlineMs: 50 })
  const completion = connection.completion
  expect(completion?.reason).toBe('shutdown')
  expect(completion?.evidence.bytesUnsent).toBeGreaterThan(0)
})

test('twice: the same promise, whatever the second deadline', async () => {
  await using lab = await openLab()
  await lab.pair()
  const first = lab.server.close({ deadlineMs: 20 })
  expect(lab.server.close()).toBe(first)
  expect(lab.server.close({ deadlineMs: 1 })).toBe(first)
  const counters = await first
  expect(await lab.server.close()).toBe(counters)
})

test('asyncDispose closes', async () => {
  await using lab = await openLab(echo)
  const { server } = lab
  {
    await using scoped = server
    const client = await connectClient(scoped.address.port, { allowHalfOpen: false })
    client.write('x')
    await client.read(1)
  }
  expect(server.counters).toMatchObject({ accepted: 1, open: 0 })
  await expect(connectClient(server.address.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('waits for async hooks, and gives up on late ones at their own deadline', async () => {
  await using lab = await openLab({}, { cleanupTimeoutMs: 200 })
  const { connection } = await lab.pair()
  const other = await lab.pair()
  const release = deferred()
  const order: string[] = []
  connection.onCleanup(async () => {
    await release.promise
    order.push('hook')
  })
  other.connection.onCleanup(() => new Promise(() => {})) // never
  const closing = lab.server.close({ deadlineMs: 0 }).then(() => order.push('closed'))
  while (lab.server.counters.open > 0) {
    await turns()
  }
  await turns(5)
  expect(order).toEqual([])
  release.resolve()
  await closing
  expect(order).toEqual(['hook', 'closed'])
  expect(connection.completion?.hooks).toMatchObject({ run: 1, late: 0 })
  expect(other.connection.completion?.hooks).toMatchObject({ run: 1, late: 1 })
})

describe('arrivals while it closes', () => {
  test('each is either served to its end or turned away; the counters add up', async () => {
    await using lab = await openLab()
    const clients = Array.from({ length: 200 }, () => lab.client({ allowHalfOpen: false }))
    const first = await Promise.race(clients)
    first.socket.resume()
    const counters = await lab.server.close({ deadlineMs: 100 })
    const outcomes = await Promise.allSettled(clients)
    expect(outcomes.length).toBe(200)
    expect(conservationProblem(counters)).toBe(null)
    expect(counters.open).toBe(0)
    expect(lab.server.counters).toEqual(counters)
    expect(lab.completions.length).toBe(counters.accepted)
  })

  test('one that is accepted in the very poll that brings about close()', async () => {
    const trigger = createServer().listen(0, '127.0.0.1')
    await once(trigger, 'listening')
    const { port } = trigger.address() as { port: number }
    for (let round = 0; round < 20; round++) {
      await using lab = await openLab()
      const triggered = once(trigger, 'connection')
      const client = connect(port, '127.0.0.1')
      await once(client, 'connect')
      const [socket] = await triggered
      const closed = once(socket, 'data').then(() => lab.server.close({ deadlineMs: 0 }))
      // The listener is ready first, the trigger right behind it: one poll finds both.
      const late = connect(lab.port, '127.0.0.1').on('error', () => {})
      process.nextTick(() => client.write('now'))
      const counters = await closed
      expect(counters).toMatchObject({ accepted: 1, open: 0, closed: { shutdown: 1 } })
      expect(lab.server.counters).toEqual(counters)
      late.destroy()
      client.destroy()
    }
    trigger.close()
  })

  test('one that is opened in the batch whose handler calls close()', async () => {
    const closing = deferred<Promise<ServerCounters>>()
    await using lab = await openLab()
    await using other = await openLab({
      open() {
        closing.resolve(lab.server.close({ deadlineMs: 0 }))
      },
    })
    // Both arrive before this loop turns again: one batch opens both.
    const sockets = [other.port, lab.port].map((port) => connect(port, '127.0.0.1'))
    for (const socket of sockets) {
      socket.on('error', () => {})
    }
    const counters = await closing.promise
    expect(counters).toMatchObject({ accepted: 1, open: 0 })
    expect(lab.server.counters).toEqual(counters)
    for (const socket of sockets) {
      socket.destroy()
    }
  })
})

describe('close() called by the server’s own code', () => {
  test.each(['open', 'data', 'end', 'close'] as const)('in handler.%s', async (where) => {
    const closing = deferred<void>()
    const call = (connection: { server: Server }): void => {
      void connection.server.close({ deadlineMs: 0 }).then(() => closing.resolve())
    }
    await using lab = await openLab({ [where]: call })
    const { client } = await lab.pair()
    client.end('x')
    await closing.promise
    expect(lab.server.counters).toMatchObject({ accepted: 1, open: 0 })
  })
})
