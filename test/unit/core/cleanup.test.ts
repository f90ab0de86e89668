import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DisconnectCompletion } from '../../../lib/core/completion.js'
import type { CleanupHook, Connection, Handler } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'

const TIMEOUT_MS = 100

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A server with one open connection; `end()` lets the peer vanish. */
async function oneConnection(handler: Handler = {}) {
  const connections: Connection[] = []
  const fake = fakeServer(
    { ...handler, open: (connection) => connections.push(connection) },
    { cleanupTimeoutMs: TIMEOUT_MS },
  )
  const peer = fake.native.connect()
  await fake.native.turn()
  const connection = connections[0] as Connection
  const errors: unknown[] = []
  fake.server.onError((error, { where }) => errors.push([where, error]))
  const end = () => {
    peer.fail('peer-reset', 104)
    fake.native.deliver()
  }
  return { ...fake, connection, errors, end }
}

const microtasks = () => new Promise((resolve) => setImmediate(resolve))

describe('the order', () => {
  test('close, own hooks, server hooks, listeners, promise: last in first out, without a promise in between', async () => {
    const steps: string[] = []
    const step =
      (name: string): CleanupHook =>
      () =>
        steps.push(name)
    const { connection, server, end } = await oneConnection({ close: step('close') as never })
    server.onCleanup(step('server 1'))
    server.onCleanup(step('server 2'))
    connection.onCleanup(step('own 1'))
    connection.onCleanup(step('own 2'))
    connection.onCleanup(step('own 3'))
    server.onDisconnect(() => steps.push('disconnect'))
    const closed = connection.closed.then(() => steps.push('closed'))
    end()
    expect(steps).toEqual([
      ...['close', 'own 3', 'own 2', 'own 1', 'server 2', 'server 1', 'disconnect'],
    ])
    await closed
    expect(steps.at(-1)).toBe('closed')
  })

  test('each async hook is awaited before the next', async () => {
    const steps: string[] = []
    let release = (): void => {}
    const { connection, completions, end } = await oneConnection()
    connection.onCleanup(() => steps.push('first in'))
    connection.onCleanup(() => {
      steps.push('last in')
      return new Promise<void>((resolve) => {
        release = resolve
      })
    })
    end()
    await microtasks()
    expect(steps).toEqual(['last in'])
    expect(completions).toEqual([])
    release()
    await microtasks()
    expect(steps).toEqual(['last in', 'first in'])
    expect(completions).toMatchObject([{ hooks: { run: 2, failures: [], late: 0 } }])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a promise of handler.close is awaited too', async () => {
    const steps: string[] = []
    const { connection, end } = await oneConnection({
      close: () => Promise.resolve().then(() => steps.push('closed')),
    })
    connection.onCleanup(() => steps.push('hook'))
    end()
    await microtasks()
    expect(steps).toEqual(['closed', 'hook'])
  })
})

test('hooks get the completion and the connection', async () => {
  const { connection, server, end } = await oneConnection()
  const seen: unknown[][] = []
  connection.onCleanup((...args) => seen.push(args))
  server.onCleanup((...args) => seen.push(args))
  end()
  expect(seen).toEqual([
    [connection.completion, connection],
    [connection.completion, connection],
  ])
  expect(connection.completion?.reason).toBe('peer-reset')
})

test('a hook registered twice runs twice, each registration once', async () => {
  const { connection, end, native } = await oneConnection()
  const hook = vi.fn()
  connection.onCleanup(hook)
  connection.onCleanup(hook)
  end()
  await native.settle()
  expect(hook).toHaveBeenCalledTimes(2)
})

describe('failures', () => {
  test('of every kind of step stand in the completion, and the rest runs', async () => {
    const thrower = (name: string) => () => {
      throw new Error(name)
    }
    const { connection, server, end, completions } = await oneConnection({ close: thrower('a') })
    const survivor = vi.fn()
    server.onCleanup(thrower('c'))
    connection.onCleanup(survivor)
    connection.onCleanup(() => Promise.reject(new Error('b')))
    end()
    await microtasks()
    expect(survivor).toHaveBeenCalledOnce()
    expect(completions[0]?.hooks).toMatchObject({
      run: 3,
      late: 0,
      failures: [
        { error: new Error('a'), where: 'close' },
        { error: new Error('b'), where: 'connection' },
        { error: new Error('c'), where: 'server' },
      ],
    })
  })

  test('of thenables with a hostile then are failures like others', async () => {
    const { connection, end, completions } = await oneConnection()
    connection.onCleanup(() => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested
      get then() {
        throw new Error('getter')
      },
    }))
    connection.onCleanup(() => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested
      then(resolve: () => void, reject: (error: Error) => void) {
        resolve()
        reject(new Error('twice'))
        resolve()
      },
    }))
    end()
    await microtasks()
    expect(completions).toHaveLength(1)
    expect(completions[0]?.hooks).toMatchObject({ run: 2, failures: [{ where: 'connection' }] })
  })

  test('of a disconnect listener go to onError and harm nobody', async () => {
    const { server, end, errors } = await oneConnection()
    const last = vi.fn()
    server.onDisconnect(() => {
      throw new Error('sync')
    })
    server.onDisconnect(() => Promise.reject(new Error('async')))
    server.onDisconnect(last)
    end()
    await microtasks()
    expect(last).toHaveBeenCalledOnce()
    expect(errors).toEqual([
      ['disconnect', new Error('sync')],
      ['disconnect', new Error('async')],
    ])
  })
})

describe('the deadline', () => {
  test('lets the next hook run and counts the late one', async () => {
    const { connection, end, completions } = await oneConnection()
    const next = vi.fn()
    connection.onCleanup(next)
    connection.onCleanup(() => new Promise(() => {}))
    end()
    vi.advanceTimersByTime(TIMEOUT_MS - 1)
    expect(next).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(next).toHaveBeenCalledOnce()
    expect(completions).toMatchObject([{ hooks: { run: 2, late: 1, failures: [] } }])
  })

  test('is each hook’s own', async () => {
    const { connection, end, completions } = await oneConnection()
    connection.onCleanup(() => new Promise(() => {}))
    connection.onCleanup(() => new Promise(() => {}))
    end()
    vi.advanceTimersByTime(TIMEOUT_MS)
    expect(completions).toEqual([])
    vi.advanceTimersByTime(TIMEOUT_MS)
    expect(completions).toMatchObject([{ hooks: { late: 2 } }])
  })

  test('a failure after it goes to onError, a success nowhere', async () => {
    const { connection, end, errors, completions } = await oneConnection()
    let fail = (_: Error): void => {}
    let fulfil = (): void => {}
    connection.onCleanup(() => new Promise<void>((resolve) => (fulfil = resolve)))
    connection.onCleanup(() => new Promise((_, reject) => (fail = reject)))
    end()
    vi.advanceTimersByTime(TIMEOUT_MS)
    vi.advanceTimersByTime(TIMEOUT_MS)
    fail(new Error('late'))
    fulfil()
    await microtasks()
    expect(errors).toEqual([['connection', new Error('late')]])
    expect(completions).toMatchObject([{ hooks: { late: 2, failures: [] } }])
  })

  test('one connection that hangs does not hold up another', async () => {
    const { native, server, completions } = await oneConnection()
    server.onCleanup((_, connection) => (connection.id % 2 === 0 ? new Promise(() => {}) : null))
    const peers = [native.connect(), native.connect(), native.connect()]
    await native.turn()
    for (const peer of peers) peer.fail('peer-reset', 104)
    native.deliver()
    expect(completions).toHaveLength(2)
    vi.advanceTimersByTime(TIMEOUT_MS)
    expect(completions).toHaveLength(3)
  })
})

describe('a hook registered late', () => {
  test('by a hook runs next', async () => {
    const steps: string[] = []
    const { connection, end, completions } = await oneConnection()
    connection.onCleanup(() => steps.push('old'))
    connection.onCleanup(() => {
      steps.push('new')
      connection.onCleanup(() => steps.push('newest'))
    })
    end()
    expect(steps).toEqual(['new', 'newest', 'old'])
    expect(completions).toMatchObject([{ hooks: { run: 3 } }])
  })

  test('by a server hook runs at once and counts in the completion', async () => {
    const hook = vi.fn(() => {
      throw new Error('at once')
    })
    const { server, end, completions, errors } = await oneConnection()
    server.onCleanup((_, connection) => connection.onCleanup(hook))
    end()
    expect(hook).toHaveBeenCalledOnce()
    expect(completions).toMatchObject([
      { hooks: { run: 2, failures: [{ error: new Error('at once'), where: 'connection' }] } },
    ])
    expect(errors).toEqual([])
  })

  test('after the end runs at once, once, and its failure is reported', async () => {
    const { connection, end, errors } = await oneConnection()
    end()
    const completion = connection.completion as DisconnectCompletion
    const hook = vi.fn(() => Promise.reject(new Error('after')))
    connection.onCleanup(hook)
    expect(hook).toHaveBeenCalledExactlyOnceWith(completion, connection)
    await microtasks()
    connection.onCleanup(() => {
      throw new Error('sync')
    })
    expect(errors).toEqual([
      ['connection', new Error('after')],
      ['connection', new Error('sync')],
    ])
    expect(completion.hooks).toMatchObject({ run: 2, late: 0 })
    expect(completion.hooks.failures).toHaveLength(2)
  })

  test('after the end has a deadline as well', async () => {
    const { connection, end } = await oneConnection()
    end()
    connection.onCleanup(() => new Promise(() => {}))
    vi.advanceTimersByTime(TIMEOUT_MS)
    expect(connection.completion?.hooks).toMatchObject({ run: 1, late: 1 })
  })
})

test('server hooks registered while one connection is cleaned up serve the next ones', async () => {
  const { connection, server, end } = await oneConnection()
  const hook = vi.fn()
  connection.onCleanup(() => {
    server.onCleanup(hook)
  })
  end()
  expect(hook).not.toHaveBeenCalled()
})
