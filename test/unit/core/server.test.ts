import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import type { ServerCounters } from '../../../lib/core/counters.js'
import { fakeServer } from '../../support/fake-server.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const sum = (counts: Record<string, number>) =>
  Object.values(counts).reduce((total, count) => total + count, 0)

function expectSums({ arrived, accepted, open, closed, refused }: ServerCounters) {
  expect(accepted).toBe(open + sum(closed))
  expect(arrived).toBe(accepted + sum(refused))
}

test('hands its options to native', () => {
  const { native } = fakeServer(
    {},
    {
      port: 7_007,
      backlog: 9,
      reusePort: true,
      noDelay: false,
      inherit: 'never',
      lowWatermarkBytes: 7,
      acceptBudget: 3,
      readChunkBytes: 4_096,
      keepalive: 'lan-strict',
    },
  )
  expect(native.listeners[0]?.options).toEqual({
    address: '127.0.0.1',
    family: 4,
    port: 7_007,
    backlog: 9,
    ipv6Only: false,
    reusePort: true,
    noDelay: false,
    inherit: false,
    lowWatermark: 7,
    acceptBudget: 3,
    readChunkBytes: 4_096,
    keepalive: expect.objectContaining({ idleMs: 5_000, detectionMs: 9_000 }),
  })
})

test('tells where it listens, on what, and prints as one line', () => {
  const { server } = fakeServer()
  expect(server.address).toEqual({ host: '127.0.0.1', port: 40_000, family: 4 })
  expect(server.io).toBe('epoll')
  expect(inspect(server)).toBe("Server { host: '127.0.0.1', port: 40000, open: 0 }")
})

test('tells the keepalive policy read back, also after close', async () => {
  const { server } = fakeServer()
  expect(server.keepalive).toMatchObject({ preset: 'cloud-lb', detectionMs: 120_000 })
  await server.close()
  expect(server.keepalive).toMatchObject({ preset: 'cloud-lb' })
})

describe('connections', () => {
  test('are the open ones, each time anew', async () => {
    const { server, native } = fakeServer()
    const peers = [native.connect(), native.connect(), native.connect()]
    await native.turn()
    expect([...server.connections]).toHaveLength(3)
    peers[1]?.fail('peer-reset', 104)
    await native.turn()
    const { connections } = server
    expect([...connections].map(({ id }) => id % 2 ** 24)).toEqual([0, 2])
    expect([...connections]).toHaveLength(2)
  })

  test('may be ended while iterating', async () => {
    const { server, native, completions } = fakeServer()
    for (let i = 0; i < 5; i++) native.connect()
    await native.turn()
    for (const connection of server.connections) connection.destroy()
    await native.settle()
    expect(completions).toHaveLength(5)
    expect([...server.connections]).toEqual([])
  })
})

describe('counters', () => {
  test('hold both sums at every moment, inside callbacks too', async () => {
    const { server, native } = fakeServer({
      open: () => expectSums(server.counters),
      data: () => expectSums(server.counters),
      close: () => expectSums(server.counters),
    })
    const peers = Array.from({ length: 10 }, () => native.connect())
    native.refuse(0, 'emfile', 4)
    await native.turn()
    expectSums(server.counters)
    for (const peer of peers.slice(5)) peer.send('x')
    for (const peer of peers.slice(0, 5)) peer.fail('keepalive-timeout', 110)
    await native.settle()
    expectSums(server.counters)
    expect(server.counters).toMatchObject({
      arrived: 14,
      accepted: 10,
      open: 5,
      closed: { 'keepalive-timeout': 5 },
      refused: { emfile: 4 },
      bytesRead: 5,
    })
  })

  test('bytes written equal what the kernel took, queued and dropped bytes left out', async () => {
    const { server, native, completions } = fakeServer({
      open: (connection) => connection.write('x'.repeat(100)),
    })
    const peers = [native.connect(), native.connect(), native.connect()]
    peers.forEach((peer, index) => {
      peer.room = index * 30
    })
    await native.turn()
    expect(server.counters.bytesWritten).toBe(90)
    for (const peer of peers) peer.fail('peer-reset', 104)
    await native.settle()
    expect(server.counters.bytesWritten).toBe(90)
    expect(completions.map(({ bytesWritten }) => bytesWritten)).toEqual([0, 30, 60])
  })
})

describe('listeners', () => {
  test('of disconnects are called in order until they are removed', async () => {
    const { server, native } = fakeServer()
    const seen: string[] = []
    const remove = server.onDisconnect(() => seen.push('a'))
    server.onDisconnect(() => seen.push('b'))
    native.connect().fail('peer-reset', 104)
    await native.turn()
    remove()
    remove()
    native.connect().fail('peer-reset', 104)
    await native.turn()
    expect(seen).toEqual(['a', 'b', 'b'])
  })

  test('registered twice are called twice, and removed one by one', async () => {
    const { server, native } = fakeServer()
    const listener = vi.fn()
    const remove = server.onDisconnect(listener)
    server.onDisconnect(listener)
    remove()
    remove()
    native.connect().fail('peer-reset', 104)
    await native.turn()
    expect(listener).toHaveBeenCalledOnce()
  })

  test('of refusals get the cause and the count', async () => {
    const { server, native } = fakeServer()
    const seen: unknown[] = []
    server.onRefused((cause, count) => seen.push([cause, count]))
    native.refuse(0, 'max-connections', 2)
    await native.turn()
    expect(seen).toEqual([['max-connections', 2]])
  })

  test('that fail are reported to onError, and those of onError as warnings', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { server, native } = fakeServer()
    server.onRefused(() => {
      throw new Error('refused listener')
    })
    native.refuse(0, 'memory', 1)
    await native.turn()
    expect(warning).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining('refused listener'),
      expect.objectContaining({ type: 'HoldfastWarning' }),
    )
    const errors: unknown[] = []
    server.onError((error, { where }) => {
      errors.push([where, error])
      throw new Error('error listener')
    })
    native.refuse(0, 'memory', 1)
    await native.turn()
    expect(errors).toEqual([['refused', new Error('refused listener')]])
    expect(warning).toHaveBeenCalledTimes(2)
    warning.mockRestore()
  })

  test('are functions', () => {
    const { server } = fakeServer()
    for (const register of ['onDisconnect', 'onCleanup', 'onError', 'onRefused'] as const) {
      expect(() => server[register](null as never)).toThrow(TypeError)
    }
  })
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

test('ref and unref reach the listener, until it is closed', async () => {
  const { server, native } = fakeServer()
  server.unref()
  expect(native.listeners[0]?.referenced).toBe(false)
  server.ref()
  expect(native.listeners[0]?.referenced).toBe(true)
  await server.close()
  server.unref()
  expect(native.listeners[0]?.referenced).toBe(true)
})
