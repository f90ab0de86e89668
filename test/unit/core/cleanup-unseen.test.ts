import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection, Handler } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'

const TIMEOUT_MS = 100

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** One connection whose handler, close and hooks all fail, and a hook that hangs. */
async function allFailing() {
  const connections: Connection[] = []
  const handler: Handler = {
    open(connection) {
      connections.push(connection)
      connection.onCleanup(() => new Promise(() => {}))
      connection.onCleanup(() => Promise.reject(new Error('own')))
    },
    data() {
      throw new Error('data')
    },
    close() {
      throw new Error('close')
    },
  }
  const fake = fakeServer(handler, { cleanupTimeoutMs: TIMEOUT_MS })
  fake.server.onCleanup(() => {
    throw new Error('server')
  })
  const errors: unknown[] = []
  fake.server.onError((error, { where, connection, completion }) => {
    expect(connection).toBe(connections[0])
    expect(completion).toBe(connections[0]?.completion)
    errors.push([where, (error as Error).message])
  })
  const peer = fake.native.connect()
  await fake.native.turn()
  const run = async () => {
    peer.send('x')
    await fake.native.settle()
    vi.advanceTimersByTime(TIMEOUT_MS)
    await fake.native.settle()
  }
  return { ...fake, connection: connections[0] as Connection, errors, run }
}

describe('what stands in a completion', () => {
  test('goes to onError when nobody gets that, each failure once', async () => {
    const { errors, forget, run } = await allFailing()
    forget()
    await run()
    expect(errors).toEqual([
      ['handler', 'data'],
      ['close', 'close'],
      ['connection', 'own'],
      ['server', 'server'],
      ['connection', 'one cleanup hook had not settled after 100 ms'],
    ])
  })

  test('does not when a listener of onDisconnect does', async () => {
    const { errors, completions, run } = await allFailing()
    await run()
    expect(completions).toMatchObject([
      { reason: 'handler-error', hooks: { late: 1, failures: [{}, {}, {}] } },
    ])
    expect(errors).toEqual([])
  })

  test('does not when conn.closed was asked for', async () => {
    const { connection, errors, forget, run } = await allFailing()
    forget()
    const { closed } = connection
    await run()
    expect(await closed).toMatchObject({ hooks: { late: 1 } })
    expect(errors).toEqual([])
  })

  test('does when only conn.signal was: its completion is not finished yet', async () => {
    const { connection, errors, forget, run } = await allFailing()
    forget()
    const { signal } = connection
    await run()
    expect(signal.aborted).toBe(true)
    expect(errors).toHaveLength(5)
  })
})

test('two late hooks are one error with its code', async () => {
  const { native, server, forget } = fakeServer({}, { cleanupTimeoutMs: TIMEOUT_MS })
  forget()
  const errors: unknown[] = []
  server.onError((error) => errors.push(error))
  server.onCleanup(() => new Promise(() => {}))
  server.onCleanup(() => new Promise(() => {}))
  native.connect().fail('peer-reset', 104)
  await native.settle()
  vi.advanceTimersByTime(TIMEOUT_MS)
  vi.advanceTimersByTime(TIMEOUT_MS)
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'ERR_HOLDFAST_HOOK_LATE',
      message: '2 cleanup hooks had not settled after 100 ms',
    }),
  ])
})

test('a hook registered after the end that is late is an error as well', async () => {
  const { native, server } = fakeServer({}, { cleanupTimeoutMs: TIMEOUT_MS })
  const errors: unknown[] = []
  server.onError((error) => errors.push(error))
  let ended: Connection | null = null
  server.onDisconnect((_, connection) => {
    ended = connection
  })
  native.connect().fail('peer-reset', 104)
  await native.settle()
  ;(ended as Connection | null)?.onCleanup(() => new Promise(() => {}))
  vi.advanceTimersByTime(TIMEOUT_MS)
  expect(errors).toMatchObject([{ code: 'ERR_HOLDFAST_HOOK_LATE' }])
})
