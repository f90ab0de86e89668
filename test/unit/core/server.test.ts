import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
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
      deadlines: { idleMs: 1_000 },
      limits: { connections: 5, queuedBytes: 1_000_000, readBytesPerSecond: 1_000 },
      proxy: { from: ['10.0.0.0/8'] },
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
    queueMemory: 1_000_000,
    acceptBudget: 3,
    readChunkBytes: 4_096,
    keepalive: expect.objectContaining({ idleMs: 5_000, detectionMs: 9_000 }),
    deadlines: expect.objectContaining({ idleMs: 1_000, beatMs: 0 }),
    intake: expect.objectContaining({ bytesPerSecond: 1_000, endsFast: false }),
    admission: expect.objectContaining({ connections: 5, whenFull: 'suspend' }),
    proxy: expect.objectContaining({ headerMs: 5_000, denyOthers: false }),
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

test('counts how often connections were throttled, those that have ended included', async () => {
  const { server, native } = fakeServer()
  const throttles = new Uint32Array(native.throttles)
  const [first, second] = [native.connect(), native.connect()]
  await native.turn()
  throttles[first.slot] = 3
  throttles[second.slot] = 1
  expect(server.counters.throttled).toBe(4)
  first.fail('peer-reset', 104)
  await native.turn()
  throttles[first.slot] = 0 // as native does when the slot serves again
  expect(server.counters.throttled).toBe(4)
})
