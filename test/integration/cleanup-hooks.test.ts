import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Connection, DisconnectCompletion, DisconnectReason } from '../../lib/index.js'
import { type Lab, openLab, type Pair } from '../support/lab.js'
import { deferred, turns } from '../support/wait.js'

describe('order', () => {
  test('close, own hooks last in first out, the server’s likewise, onDisconnect, closed', async () => {
    const calls: string[] = []
    const note = (name: string) => () => void calls.push(name)
    await using lab = await openLab({ close: note('close') })
    lab.server.onCleanup(note('server 1'))
    lab.server.onCleanup(note('server 2'))
    lab.server.onDisconnect(note('disconnect 1'))
    lab.server.onDisconnect(note('disconnect 2'))
    const { client, connection } = await lab.pair()
    connection.onCleanup(note('own 1'))
    connection.onCleanup(note('own 2'))
    connection.onCleanup(note('own 3'))
    connection.signal.addEventListener('abort', note('signal'))
    void connection.closed.then(note('closed'))
    client.end()
    await connection.closed
    await turns()
    expect(calls).toEqual([
      ...['signal', 'close', 'own 3', 'own 2', 'own 1', 'server 2', 'server 1'],
      ...['disconnect 1', 'disconnect 2', 'closed'],
    ])
    expect(connection.completion?.hooks).toMatchObject({ run: 5, failures: [], late: 0 })
  })

  test('each asynchronous step is awaited before the next, mixed with others', async () => {
    const calls: string[] = []
    const slow = (name: string) => async () => {
      calls.push(`${name} begins`)
      await delay(5)
      calls.push(`${name} ends`)
    }
    await using lab = await openLab({ close: slow('close') })
    lab.server.onCleanup(slow('server'))
    lab.server.onDisconnect(() => calls.push('disconnect'))
    const { client, connection } = await lab.pair()
    connection.onCleanup(slow('first added'))
    connection.onCleanup(() => calls.push('sync'))
    connection.onCleanup(slow('last added'))
    client.end()
    const { hooks } = await connection.closed
    expect(calls).toEqual([
      ...['close begins', 'close ends', 'last added begins', 'last added ends', 'sync'],
      ...['first added begins', 'first added ends', 'server begins', 'server ends', 'disconnect'],
    ])
    expect(hooks).toMatchObject({ run: 4, failures: [], late: 0 })
    // Four times 5 ms; the first timer counts from the beginning of the loop's turn.
    expect(hooks.durationMs).toBeGreaterThanOrEqual(14)
  })

  test('hooks of one connection do not wait for those of another', async () => {
    await using lab = await openLab()
    const slow = await lab.pair()
    const quick = await lab.pair()
    const begun = deferred()
    const over = deferred()
    slow.connection.onCleanup(() => {
      begun.resolve()
      return over.promise
    })
    quick.connection.onCleanup(() => delay(1))
    slow.client.end()
    await begun.promise
    quick.client.end()
    await quick.connection.closed
    expect(slow.connection.completion?.hooks.run).toBe(1)
    expect(lab.completions.map(({ id }) => id)).toEqual([quick.connection.id])
    over.resolve()
    await slow.connection.closed
  })
})

describe('exactly once, whatever ended the connection', () => {
  const ways: [reason: DisconnectReason, end: (pair: Pair, lab: Lab) => void][] = [
    ['peer-end', ({ client }) => client.end()],
    ['peer-reset', ({ client }) => client.reset()],
    [
      'local-end',
      ({ client, connection }) => {
        connection.end()
        connection.end()
        client.end()
      },
    ],
    [
      'local-abort',
      ({ client, connection }) => {
        connection.destroy()
        connection.destroy()
        client.reset()
      },
    ],
    ['shutdown', (_, lab) => void lab.server.close({ deadlineMs: 0 })],
    ['handler-error', ({ client }) => client.write('!')],
    ['slow-consumer', ({ connection }) => void connection.write(Buffer.alloc(2_000_000))],
  ]

  test.each(ways)('%s', async (reason, end) => {
    await using lab = await openLab(
      {
        data() {
          throw new Error('on purpose')
        },
      },
      { maxQueuedBytes: 1_000_000 },
    )
    const runs: string[] = []
    const seen: DisconnectCompletion[] = []
    lab.server.onCleanup(() => runs.push('server'))
    const pair = await lab.pair()
    pair.connection.onCleanup((completion, connection) => {
      runs.push('own')
      seen.push(completion)
      expect(connection).toBe(pair.connection)
      expect(connection.state).toBe('closed')
    })
    end(pair, lab)
    const completion = await pair.connection.closed
    await turns(5)
    expect(completion.reason).toBe(reason)
    expect(runs).toEqual(['own', 'server'])
    expect(seen).toEqual([completion])
    expect(completion.hooks.run).toBe(2)
  })

  test('2,000 hooks on one connection, and one on each of 200 connections', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const order: number[] = []
    for (let at = 0; at < 2_000; at++) {
      connection.onCleanup(at % 2 === 0 ? () => order.push(at) : async () => order.push(at))
    }
    client.end()
    await connection.closed
    expect(order).toEqual(Array.from({ length: 2_000 }, (_, at) => 1_999 - at))

    const runs = new Map<Connection, number>()
    const pairs = await lab.pairs(200)
    for (const each of pairs) {
      each.connection.onCleanup((_, ended) => runs.set(ended, (runs.get(ended) ?? 0) + 1))
      each.client.reset()
    }
    await Promise.all(pairs.map((each) => each.connection.closed))
    expect([...runs.values()]).toEqual(Array(200).fill(1))
  })
})

describe('registered late', () => {
  test('during the cleanup: it runs next, once', async () => {
    await using lab = await openLab()
    const calls: string[] = []
    const { client, connection } = await lab.pair()
    connection.onCleanup(() => calls.push('first added'))
    connection.onCleanup(async () => {
      calls.push('last added')
      connection.onCleanup(() => calls.push('added by it'))
      await turns()
      connection.onCleanup(() => calls.push('added while it waits'))
    })
    client.end()
    const { hooks } = await connection.closed
    expect(calls).toEqual(['last added', 'added while it waits', 'added by it', 'first added'])
    expect(hooks.run).toBe(4)
  })

  test('after the end: at once, once, with the completion', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    client.end()
    const completion = await connection.closed
    const calls: DisconnectCompletion[] = []
    connection.onCleanup((given) => calls.push(given))
    expect(calls).toEqual([completion])
    await turns(3)
    expect(calls.length).toBe(1)
    expect(completion.hooks.run).toBe(1)
  })

  test('by a server hook or onDisconnect for its connection: it runs, once', async () => {
    await using lab = await openLab()
    const calls: string[] = []
    lab.server.onCleanup((_, connection) => {
      connection.onCleanup(() => calls.push('from the server hook'))
    })
    lab.server.onDisconnect((_, connection) => {
      connection.onCleanup(() => calls.push('from onDisconnect'))
    })
    const { client, connection } = await lab.pair()
    client.end()
    await connection.closed
    expect(calls).toEqual(['from the server hook', 'from onDisconnect'])
  })

  test('a server hook that was taken back does not run any more', async () => {
    await using lab = await openLab()
    const calls: string[] = []
    const takeBack = lab.server.onCleanup(() => calls.push('hook'))
    const takeListener = lab.server.onDisconnect(() => calls.push('listener'))
    const first = await lab.pair()
    first.client.end()
    await first.connection.closed
    takeBack()
    takeBack()
    takeListener()
    const second = await lab.pair()
    second.client.end()
    await second.connection.closed
    expect(calls).toEqual(['hook', 'listener'])
  })
})
