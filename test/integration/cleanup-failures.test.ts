import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ErrorContext, Server } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { deferred, turns, until } from '../support/wait.js'

const [first, second, third] = [new Error('first'), new Error('second'), new Error('third')]

/** What the server's onError listeners were told. */
function errorsOf(server: Server): { error: unknown; where: ErrorContext['where'] }[] {
  const errors: { error: unknown; where: ErrorContext['where'] }[] = []
  server.onError((error, { where }) => errors.push({ error, where }))
  return errors
}

test('hooks that fail stand in the completion, in order, and the others still run', async () => {
  const calls: string[] = []
  await using lab = await openLab({
    close() {
      throw first
    },
  })
  const errors = errorsOf(lab.server)
  lab.server.onCleanup(() => {
    throw third
  })
  const { client, connection } = await lab.pair()
  connection.onCleanup(() => calls.push('own 1'))
  connection.onCleanup(async () => {
    await turns()
    throw second
  })
  connection.onCleanup(() => calls.push('own 3'))
  client.end()
  const { hooks } = await connection.closed
  expect(calls).toEqual(['own 3', 'own 1'])
  expect(hooks).toMatchObject({ run: 4, late: 0 })
  expect(hooks.failures).toEqual([
    { error: first, where: 'close' },
    { error: second, where: 'connection' },
    { error: third, where: 'server' },
  ])
  // What the completion carries is not reported a second time.
  expect(errors).toEqual([])
})

test('an async handler.close that rejects stands in the completion', async () => {
  await using lab = await openLab({
    async close() {
      await turns()
      throw first
    },
  })
  const { client, connection } = await lab.pair()
  client.end()
  const { hooks } = await connection.closed
  expect(hooks.failures).toEqual([{ error: first, where: 'close' }])
})

test('a hook that hangs is late at its deadline; the next ones run, nobody else waits', async () => {
  const calls: string[] = []
  const ended: string[] = []
  await using lab = await openLab({}, { cleanupTimeoutMs: 400 })
  const { client, connection } = await lab.pair()
  connection.onCleanup(() => calls.push('after the late one'))
  connection.onCleanup(() => new Promise(() => {}))
  const other = await lab.pair()
  const from = performance.now()
  client.end()
  other.client.end()
  const [{ hooks }] = await Promise.all([
    connection.closed.finally(() => ended.push('late')),
    other.connection.closed.finally(() => ended.push('other')),
  ])
  expect(ended).toEqual(['other', 'late'])
  expect(performance.now() - from).toBeGreaterThan(395)
  expect(hooks).toMatchObject({ run: 2, late: 1, failures: [] })
  expect(calls).toEqual(['after the late one'])
})

test('each hook has a deadline of its own', async () => {
  await using lab = await openLab({}, { cleanupTimeoutMs: 300 })
  const { client, connection } = await lab.pair()
  for (let at = 0; at < 4; at++) {
    connection.onCleanup(() => delay(100))
  }
  client.end()
  // 400 ms in sum, and none of them late.
  expect((await connection.closed).hooks).toMatchObject({ run: 4, late: 0, failures: [] })
})

test('a late hook that fails later goes to onError, and not into the completion', async () => {
  await using lab = await openLab({}, { cleanupTimeoutMs: 20 })
  const errors = errorsOf(lab.server)
  const failing = deferred()
  const { client, connection } = await lab.pair()
  connection.onCleanup(() => failing.promise)
  client.end()
  const { hooks } = await connection.closed
  expect(hooks).toMatchObject({ run: 1, late: 1, failures: [] })
  failing.reject(first)
  await until(() => errors.length > 0, 'the late failure')
  expect(errors).toEqual([{ error: first, where: 'connection' }])
  expect(hooks.failures).toEqual([])
})

test('a hook added after the end that fails goes to onError, and into the completion', async () => {
  await using lab = await openLab()
  const errors = errorsOf(lab.server)
  const { client, connection } = await lab.pair()
  client.end()
  const { hooks } = await connection.closed
  connection.onCleanup(() => {
    throw first
  })
  connection.onCleanup(async () => {
    throw second
  })
  await until(() => errors.length === 2, 'both failures')
  const failures = [first, second].map((error) => ({ error, where: 'connection' }))
  expect(errors).toEqual(failures)
  expect(hooks.failures).toEqual(failures)
  expect(hooks.run).toBe(2)
})

test('onDisconnect listeners that fail go to onError, and the others are called', async () => {
  await using lab = await openLab()
  const errors = errorsOf(lab.server)
  const calls: string[] = []
  lab.server.onDisconnect(() => {
    throw first
  })
  lab.server.onDisconnect(async () => {
    throw second
  })
  lab.server.onDisconnect(() => calls.push('called'))
  const { client, connection } = await lab.pair()
  client.end()
  await connection.closed
  await until(() => errors.length === 2, 'both failures')
  expect(errors).toEqual([
    { error: first, where: 'disconnect' },
    { error: second, where: 'disconnect' },
  ])
  expect(calls).toEqual(['called'])
})

test('a handler that rejects after the end goes to onError', async () => {
  const going = deferred()
  await using lab = await openLab({
    data: () => going.promise,
  })
  const errors = errorsOf(lab.server)
  const { client, connection } = await lab.pair()
  client.end('x')
  expect((await connection.closed).reason).toBe('peer-end')
  going.reject(first)
  await until(() => errors.length > 0, 'the rejection')
  expect(errors).toEqual([{ error: first, where: 'handler' }])
})

test('an onError listener that fails becomes a warning, and so does an error nobody listens for', async () => {
  await using lab = await openLab()
  const fail = () => {
    throw first
  }
  lab.server.onDisconnect(fail)
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  for (const said of ['first', 'second']) {
    const { client, connection } = await lab.pair()
    client.end()
    await connection.closed
    const warning = { type: 'HoldfastWarning', code: 'HOLDFAST_UNOBSERVED_ERROR' }
    expect(warn).toHaveBeenLastCalledWith(expect.stringContaining(said), warning)
    lab.server.onError(() => {
      throw second
    })
  }
  expect(warn).toHaveBeenCalledTimes(2)
})

test('a thenable that is no promise is awaited like one', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  const calls: string[] = []
  connection.onCleanup(() => calls.push('next'))
  connection.onCleanup(() => ({
    // biome-ignore lint/suspicious/noThenProperty: what a hook of another library may return
    then(resolve: () => void) {
      setTimeout(() => {
        calls.push('thenable')
        resolve()
      }, 10)
    },
  }))
  client.end()
  await connection.closed
  expect(calls).toEqual(['thenable', 'next'])
})
