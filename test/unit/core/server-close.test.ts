import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('close', () => {
  test('of an idle server resolves with the counters', async () => {
    const { server, native } = fakeServer()
    const counters = await server.close()
    expect(counters).toMatchObject({ accepted: 0, open: 0 })
    expect(native.listeners[0]?.open).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends every connection with shutdown after what is queued was sent', async () => {
    const { server, native, completions } = fakeServer({
      open: (connection) => connection.write('goodbye'),
    })
    const peers = [native.connect(), native.connect()]
    await native.turn()
    const closing = server.close()
    await native.settle()
    expect(peers.map(({ text, finReceived }) => [text, finReceived])).toEqual([
      ['goodbye', true],
      ['goodbye', true],
    ])
    for (const peer of peers) peer.end()
    await native.settle()
    const counters = await closing
    expect(counters).toMatchObject({ open: 0, closed: { shutdown: 2 } })
    expect(completions.map(({ reason }) => reason)).toEqual(['shutdown', 'shutdown'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('destroys at the deadline those that do not end', async () => {
    const { server, native, completions } = fakeServer()
    const peer = native.connect()
    peer.room = 0
    await native.turn()
    const closing = server.close({ deadlineMs: 500 })
    await native.settle()
    vi.advanceTimersByTime(499)
    await native.settle()
    expect(completions).toEqual([])
    vi.advanceTimersByTime(1)
    await native.settle()
    expect(await closing).toMatchObject({ open: 0, closed: { shutdown: 1 } })
  })

  test('waits for hooks, or for their deadline', async () => {
    const { server, native } = fakeServer({}, { cleanupTimeoutMs: 50 })
    server.onCleanup(() => new Promise(() => {}))
    native.connect()
    await native.turn()
    let closed = false
    const closing = server.close({ deadlineMs: 1 }).then(() => {
      closed = true
    })
    vi.advanceTimersByTime(1)
    await native.settle()
    expect(server.counters.open).toBe(0)
    expect(closed).toBe(false)
    vi.advanceTimersByTime(50)
    await closing
    expect(vi.getTimerCount()).toBe(0)
  })

  test('twice is one promise', () => {
    const { server } = fakeServer()
    expect(server.close()).toBe(server.close({ deadlineMs: 1 }))
  })

  test('again with an earlier deadline shortens the one under way', async () => {
    const { server, native } = fakeServer()
    native.connect().room = 0
    await native.turn()
    const closing = server.close({ deadlineMs: 60_000 })
    expect(server.close({ deadlineMs: 100 })).toBe(closing)
    // Neither a later deadline nor none changes it.
    expect(server.close({ deadlineMs: 30_000 })).toBe(closing)
    expect(server.close()).toBe(closing)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(100)
    await native.settle()
    expect(await closing).toMatchObject({ open: 0, closed: { shutdown: 1 } })
    await server.close({ deadlineMs: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends a connection that was still on its way', async () => {
    const { server, native, completions } = fakeServer()
    const peer = native.connect()
    const closing = server.close()
    await native.settle()
    peer.end()
    await native.settle()
    expect(await closing).toMatchObject({ accepted: 1 })
    expect(completions).toMatchObject([{ reason: 'shutdown' }])
  })

  test('leaves a connection that has ended already its own reason', async () => {
    const connections: Connection[] = []
    const { server, native, completions } = fakeServer({
      open: (connection) => connections.push(connection),
    })
    const peer = native.connect()
    await native.turn()
    connections[0]?.end()
    server.close()
    await native.settle()
    peer.end()
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'local-end' }])
  })

  test('is what asyncDispose does', async () => {
    const { server, native } = fakeServer()
    await server[Symbol.asyncDispose]()
    expect(native.listeners[0]?.open).toBe(false)
  })

  test.each([
    [{ deadlineMs: -1 }, 'ERR_HOLDFAST_OPTION_RANGE'],
    [{ deadlineMs: '1' }, 'ERR_HOLDFAST_OPTION_TYPE'],
    [{ deadlineMs: null }, 'ERR_HOLDFAST_OPTION_TYPE'],
    [{ timeout: 1 }, 'ERR_HOLDFAST_UNKNOWN_OPTION'],
    [null, 'ERR_HOLDFAST_OPTION_TYPE'],
  ])('refuses %j and goes on serving', (options, code) => {
    const { server, native } = fakeServer()
    expect(() => server.close(options as never)).toThrow(expect.objectContaining({ code }))
    expect(native.listeners[0]?.open).toBe(true)
  })
})
