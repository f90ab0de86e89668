import { describe, expect, test } from 'vitest'
import { type Connection, type Handler, lines, protocol } from '../../../lib/index.js'
import { type TestServer, testServer } from '../../../lib/testing/index.js'

/** What leaving the scope of the test complains of. */
async function problemsOf(bench: TestServer<never, never, unknown>): Promise<string[]> {
  const error = await bench[Symbol.asyncDispose]().then(
    () => null,
    (caught: unknown) => caught as Error & { code: string },
  )
  if (error === null) return []
  expect(error.code).toBe('ERR_HOLDFAST_TEST')
  const [head, ...problems] = error.message.split('\n- ')
  expect(head).toBe('the test server found:')
  return problems
}

async function problemsWith(handler: Handler, text = 'x'): Promise<string[]> {
  const bench = testServer(handler, { cleanupTimeoutMs: 20 })
  bench.connect().send(text)
  await bench.settle()
  return problemsOf(bench)
}

const ID = 2 ** 24 // generation 1, slot 0

describe('leaving the scope of a test finds', () => {
  test('nothing wrong with a handler that keeps the rules', async () => {
    const hook = async () => {}
    expect(await problemsWith({ open: (connection) => connection.onCleanup(hook) })).toEqual([])
  })

  test('a hook that never ran', async () => {
    const leaking: Handler = {
      open: (connection) => connection.onCleanup(() => {}),
      // What a bug that loses hooks would do.
      data: (connection) => void Object.assign(connection, { hooks: null }),
    }
    expect(await problemsWith(leaking)).toEqual([
      `connection ${ID}: runs of cleanup hook 1: 0, and 1 expected`,
    ])
  })

  test('a hook that never settles', async () => {
    const never = () => new Promise(() => {})
    expect(await problemsWith({ open: (connection) => connection.onCleanup(never) })).toEqual([
      `connection ${ID}: 1 cleanup hooks had not settled in time`,
    ])
  })

  test('a hook that fails, and a close that does', async () => {
    const fail = (what: string) => () => {
      throw new Error(what)
    }
    const handler = {
      open: (connection: Connection) => connection.onCleanup(fail('one')),
      close: fail('two'),
    }
    expect(await problemsWith(handler)).toEqual([
      `connection ${ID}: a cleanup hook failed (close): Error: two`,
      `connection ${ID}: a cleanup hook failed (connection): Error: one`,
    ])
  })

  test('an error of the handler that no test has looked at', async () => {
    const handler = {
      data() {
        throw new Error('not this one')
      },
    }
    expect(await problemsWith(handler)).toEqual([
      `connection ${ID}: the handler failed: Error: not this one`,
    ])
  })

  test('its stack, as the cause', async () => {
    const error = new Error('here')
    const bench = testServer({ open: () => Promise.reject(error) })
    bench.connect()
    await expect(bench[Symbol.asyncDispose]()).rejects.toMatchObject({ cause: error })
  })

  test('nothing of an error that the test has looked at', async () => {
    const bench = testServer({ open: () => Promise.reject(new Error('expected')) })
    const client = bench.connect()
    await bench.settle()
    expect(client.completion).toMatchObject({ reason: 'handler-error' })
    expect(await problemsOf(bench)).toEqual([])
  })

  test('an error that no completion carries', async () => {
    const handler: Handler = {
      data(connection) {
        connection.destroy()
        return Promise.reject(new Error('too late'))
      },
    }
    const problems = await problemsWith(handler)
    expect(problems).toEqual(['nobody was told of an error: Error: too late'])
  })

  test('a completion that came twice, and one that never came', async () => {
    const seen: Connection[] = []
    const bench = testServer({ open: (connection) => void seen.push(connection) })
    bench.connect()
    const client = bench.connect()
    await bench.settle()
    // What a bug that reports an end twice, and one that forgets an end, would do.
    const [twice, lost] = seen as (Connection & { home: { disconnectListeners: unknown[] } })[]
    const home = twice?.home as { disconnectListeners: ((...given: unknown[]) => void)[] }
    const [listener] = home.disconnectListeners
    home.disconnectListeners = [
      (completion, connection) => {
        if (connection === twice) {
          listener?.(completion, connection)
          listener?.(completion, connection)
        }
      },
    ]
    client.end()
    await bench.settle()
    expect(await problemsOf(bench)).toEqual([
      `connection ${twice?.id}: completions: 2, and 1 expected`,
      `connection ${lost?.id}: completions: 0, and 1 expected`,
    ])
  })

  test('an answer too many', async () => {
    const doubling = protocol({
      codec: lines(),
      message(connection, line) {
        connection.send(line)
        connection.send(line)
      },
    })
    const bench = testServer(doubling)
    const client = bench.connect()
    client.sendMessage('one')
    expect(await client.receive()).toBe('one')
    expect(await problemsOf(bench as never)).toEqual([
      'client 192.0.2.1:50000 got 4 bytes that the test has not looked at: "one\\n"',
    ])
  })

  test('an answer that nobody has looked for', async () => {
    const bench = testServer({ data: (connection, chunk) => void connection.write(chunk) })
    const client = bench.connect()
    client.send('hello')
    expect(await problemsOf(bench)).toEqual([
      'client 192.0.2.1:50000 got 5 bytes that the test has not looked at: "hello"',
    ])
  })

  test('nothing of what a client has seen, or ignores', async () => {
    const bench = testServer({ open: (connection) => void connection.write('hello') })
    const [client, other] = [bench.connect(), bench.connect()]
    expect((await client.receiveBytes(1)).toString()).toBe('h')
    expect(client.received.toString()).toBe('hello')
    other.ignoreRest()
    expect(await problemsOf(bench)).toEqual([])
  })

  test('what comes after a look', async () => {
    const bench = testServer({ data: (connection, chunk) => void connection.write(chunk) })
    const client = bench.connect()
    client.send('one')
    await bench.settle()
    expect(client.received.toString()).toBe('one')
    client.send('two')
    expect(await problemsOf(bench)).toEqual([
      'client 192.0.2.1:50000 got 3 bytes that the test has not looked at: "two"',
    ])
  })
})

describe('leaving the scope of a test', () => {
  test('says goodbye to those who answer, and does not wait for the others', async () => {
    const reasons: string[] = []
    const bench = testServer({
      shutdown: (connection) => void connection.write('bye'),
      close: (_connection, { reason }) => void reasons.push(reason),
    })
    const [answers, silent, gone] = [
      bench.connect(),
      bench.connect({ allowHalfOpen: true }),
      bench.connect(),
    ]
    await bench.settle()
    gone?.vanish()
    expect(await problemsOf(bench)).toEqual([])
    expect(reasons).toEqual(['shutdown', 'shutdown', 'shutdown'])
    expect([answers, silent, gone].map((client) => client?.received.toString())).toEqual([
      ...['bye', 'bye', ''],
    ])
  })

  test('waits for the promises of hooks', async () => {
    let done = false
    const bench = testServer({
      open: (connection) =>
        connection.onCleanup(async () => {
          await new Promise((resolve) => setTimeout(resolve, 10))
          done = true
        }),
    })
    bench.connect()
    await bench.settle()
    expect(await problemsOf(bench)).toEqual([])
    expect(done).toBe(true)
  })
})
