import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'
import { deferred } from '../../support/wait.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** How many of them have been sent FIN. */
const ended = (peers: readonly { finReceived: boolean }[]) =>
  peers.filter(({ finReceived }) => finReceived).length

describe('handler.shutdown', () => {
  test('says goodbye before the message and the end, in the turn of its connection', async () => {
    const order: string[] = []
    const { server, native, completions } = fakeServer({
      shutdown: (connection) => {
        order.push(connection.state)
        connection.write('bye ')
      },
    })
    const peer = native.connect()
    await native.turn()
    const closing = server.close({ message: 'restarting\n' })
    expect(order).toEqual(['open'])
    await native.settle()
    expect([peer.text, peer.finReceived]).toEqual(['bye restarting\n', true])
    peer.end()
    await native.settle()
    await closing
    expect(completions).toMatchObject([{ reason: 'shutdown' }])
  })

  test('is waited for when it is async, while data goes on', async () => {
    const flushed = deferred()
    const heard: string[] = []
    const { server, native } = fakeServer({
      data: (_, chunk) => heard.push(String(chunk)),
      shutdown: () => flushed.promise,
    })
    const peer = native.connect()
    await native.turn()
    const closing = server.close()
    peer.send('one more')
    await native.settle()
    expect([heard, peer.finReceived]).toEqual([['one more'], false])
    flushed.resolve()
    await native.settle()
    expect(peer.finReceived).toBe(true)
    peer.end()
    await native.settle()
    expect(await closing).toMatchObject({ closed: { shutdown: 1 } })
  })

  test('that never settles is overtaken by the deadline', async () => {
    const { server, native } = fakeServer({ shutdown: () => new Promise(() => {}) })
    native.connect()
    await native.turn()
    const closing = server.close({ deadlineMs: 500 })
    await native.settle()
    expect(server.counters.open).toBe(1)
    vi.advanceTimersByTime(500)
    await native.settle()
    expect(await closing).toMatchObject({ closed: { shutdown: 1 } })
    expect(vi.getTimerCount()).toBe(0)
  })

  const failure = new Error('no goodbye')
  test.each([
    [
      'throws',
      () => {
        throw failure
      },
    ],
    ['rejects', () => Promise.reject(failure)],
  ])('that %s ends its own connection with handler-error', async (_, shutdown) => {
    const { server, native, completions } = fakeServer({ shutdown })
    native.connect()
    await native.turn()
    const closing = server.close()
    await native.settle()
    expect(await closing).toMatchObject({ closed: { 'handler-error': 1 } })
    expect(completions[0]?.error).toBe(failure)
  })

  test('that calls close() gets the promise under way', async () => {
    const promises: unknown[] = []
    const { server, native } = fakeServer({
      shutdown: (connection) => promises.push(connection.server.close()),
    })
    native.connect()
    await native.turn()
    const closing = server.close({ deadlineMs: 10 })
    expect(promises).toEqual([closing])
    await native.settle()
    vi.advanceTimersByTime(10)
    await native.settle()
    await closing
  })

  test('is not called for a connection that has ended already', async () => {
    const connections: Connection[] = []
    const shutdown = vi.fn()
    const { server, native } = fakeServer({ open: (one) => connections.push(one), shutdown })
    const peer = native.connect()
    await native.turn()
    connections[0]?.end()
    void server.close({ message: 'too late' })
    await native.settle()
    expect(shutdown).not.toHaveBeenCalled()
    expect(peer.text).toBe('')
    expect(server.counters.writesAfterEnd).toBe(0)
  })
})

describe('message', () => {
  test('is copied: its owner may use the array again', async () => {
    const { server, native } = fakeServer({ shutdown: () => Promise.resolve() })
    const peer = native.connect()
    await native.turn()
    const message = Buffer.from('bye')
    void server.close({ message })
    message.fill('x')
    await native.settle()
    await native.settle()
    expect(peer.text).toBe('bye')
  })
})

describe('perSecond', () => {
  test('spreads the ends over steps of 50 ms, none with more than its share', async () => {
    const { server, native } = fakeServer({ end: () => {} })
    const peers = Array.from({ length: 50 }, () => native.connect())
    await native.turn()
    const closing = server.close({ perSecond: 100 })
    await native.settle()
    const seen = [ended(peers)]
    for (let step = 1; step < 10; step++) {
      vi.advanceTimersByTime(50)
      await native.settle()
      seen.push(ended(peers))
    }
    expect(seen).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50])
    for (const peer of peers) peer.end()
    await native.settle()
    expect(await closing).toMatchObject({ closed: { shutdown: 50 } })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('keeps a share below one for the next step', async () => {
    const { server, native } = fakeServer()
    const peers = Array.from({ length: 4 }, () => native.connect())
    await native.turn()
    void server.close({ perSecond: 30 })
    await native.settle()
    const seen = [ended(peers)]
    for (let step = 1; step < 3; step++) {
      vi.advanceTimersByTime(50)
      await native.settle()
      seen.push(ended(peers))
    }
    expect(seen).toEqual([1, 3, 4])
  })

  test('one that ends by itself needs no turn', async () => {
    const { server, native, completions } = fakeServer()
    const peers = Array.from({ length: 3 }, () => native.connect())
    await native.turn()
    void server.close({ perSecond: 20 })
    await native.settle()
    expect(ended(peers)).toBe(1)
    peers[1]?.end()
    await native.settle()
    vi.advanceTimersByTime(50)
    await native.settle()
    expect(peers.map(({ finReceived }) => finReceived)).toEqual([true, true, true])
    expect(completions).toMatchObject([{ reason: 'peer-end' }])
  })

  test('one that arrives meanwhile stands behind those that are there', async () => {
    const { server, native } = fakeServer()
    const first = native.connect()
    await native.turn()
    const second = native.connect()
    void server.close({ perSecond: 20 })
    await native.settle()
    expect([first.finReceived, second.finReceived]).toEqual([true, false])
    vi.advanceTimersByTime(50)
    await native.settle()
    expect(second.finReceived).toBe(true)
  })

  test('what is left at the deadline ends then, and the warning says so beforehand', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { server, native } = fakeServer()
    for (let count = 0; count < 30; count++) native.connect()
    await native.turn()
    const closing = server.close({ perSecond: 20, deadlineMs: 1_000 })
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'close: 30 connections at perSecond 20 take 1500 ms; what is left at the deadline, in 1000 ms, ends then, at once',
      { type: 'HoldfastWarning', code: 'HOLDFAST_DRAIN_TOO_SLOW' },
    )
    vi.advanceTimersByTime(1_000)
    await native.settle()
    expect(await closing).toMatchObject({ open: 0, closed: { shutdown: 30 } })
  })

  test('that fits the deadline warns of nothing', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { server, native } = fakeServer()
    for (let count = 0; count < 20; count++) native.connect()
    await native.turn()
    void server.close({ perSecond: 20, deadlineMs: 1_000 })
    expect(warn).not.toHaveBeenCalled()
  })
})

describe('who is at the door', () => {
  test.each([
    [{}, 200],
    [{ deadlineMs: 50 }, 50],
    [{ deadlineMs: 0 }, 0],
  ])('close(%j) gives handshakes under way %i ms', (options, graceMs) => {
    const { server, native } = fakeServer()
    void server.close(options)
    expect(native.listeners[0]?.graceMs).toBe(graceMs)
  })

  test('arriving after the deadline is destroyed, after handler.open', async () => {
    const opened = vi.fn()
    const { server, native } = fakeServer({ open: opened })
    native.connect()
    const closing = server.close({ deadlineMs: 0 })
    vi.advanceTimersByTime(1)
    await native.settle()
    expect(await closing).toMatchObject({ accepted: 1, open: 0, closed: { shutdown: 1 } })
    expect(opened).toHaveBeenCalledOnce()
  })
})

test.each([
  [{ deadlineMs: -1 }, 'ERR_HOLDFAST_OPTION_RANGE', 'close: deadlineMs must be'],
  [{ perSecond: 0 }, 'ERR_HOLDFAST_OPTION_RANGE', 'close: perSecond must be'],
  [{ perSecond: 1.5 }, 'ERR_HOLDFAST_OPTION_RANGE', 'close: perSecond must be'],
  [{ perSecond: '5' }, 'ERR_HOLDFAST_OPTION_TYPE', 'close: perSecond must be'],
  [{ message: '' }, 'ERR_HOLDFAST_OPTION_RANGE', 'must be 1 to 4096 bytes; got 0 bytes'],
  [
    { message: 'é'.repeat(2049) },
    'ERR_HOLDFAST_OPTION_RANGE',
    'close: message must be 1 to 4096 bytes; got 4098 bytes',
  ],
  [{ message: 5 }, 'ERR_HOLDFAST_OPTION_TYPE', 'close: message must be a string or a Uint8Array'],
])('close(%j) is refused, and the server goes on', (options, code, named) => {
  const { server, native } = fakeServer()
  const matching = { code, message: expect.stringContaining(named) }
  expect(() => server.close(options as never)).toThrow(expect.objectContaining(matching))
  expect(native.listeners[0]?.open).toBe(true)
})
