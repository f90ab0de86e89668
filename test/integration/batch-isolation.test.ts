import { expect, test } from 'vitest'
import type { Connection, Handler } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { turns } from '../support/wait.js'

const failure = new Error('on purpose')

/** Fails for the one connection whose data property says so. */
function failFor(connection: Connection): void {
  if (connection.data === 'the one') {
    throw failure
  }
}

// 100 clients send before this loop turns again, so one batch carries them all; the one that fails
// stands in the middle of it.
const handlers: [where: string, handler: Handler, ends: boolean][] = [
  [
    'data',
    {
      data(connection, chunk) {
        failFor(connection)
        connection.write(chunk)
      },
    },
    false,
  ],
  [
    'data, after it wrote',
    {
      data(connection, chunk) {
        connection.write(chunk)
        failFor(connection)
      },
    },
    false,
  ],
  [
    'data, asynchronously',
    {
      async data(connection, chunk) {
        connection.write(chunk)
        await turns()
        failFor(connection)
      },
    },
    false,
  ],
  [
    'end',
    {
      end(connection) {
        connection.write('ping')
        failFor(connection)
      },
    },
    true,
  ],
]

test.each(handlers)(
  'one of 100 fails in %s: the other 99 never notice',
  async (_, handler, ends) => {
    await using lab = await openLab(handler)
    const pairs = await lab.pairs(100)
    const one = pairs[50]?.connection as Connection
    one.data = 'the one'
    for (const { client } of pairs) {
      ends ? client.end() : client.write('ping')
    }
    const others = pairs.filter(({ connection }) => connection !== one)
    const answers = await Promise.all(others.map(({ client }) => client.read(4)))
    expect(new Set(answers.map(String))).toEqual(new Set(['ping']))
    expect(await one.closed).toMatchObject({ reason: 'handler-error', actor: 'local' })
    expect(one.completion?.error).toBe(failure)
    if (!ends) {
      expect(others.every(({ connection }) => connection.state === 'open')).toBe(true)
      expect(lab.completions.length).toBe(1)
    }
  },
)

test('one of 100 arrivals fails in open: the other 99 are served', async () => {
  let arrivals = 0
  await using lab = await openLab({
    open(connection) {
      connection.data = ++arrivals === 50 ? 'the one' : undefined
      failFor(connection)
    },
    data(connection, chunk) {
      connection.write(chunk)
    },
  })
  const pairs = await lab.pairs(100)
  const others = pairs.filter(({ connection }) => connection.data !== 'the one')
  expect(others.length).toBe(99)
  for (const { client } of others) {
    client.write('ping')
  }
  await Promise.all(others.map(({ client }) => client.read(4)))
  expect(lab.completions.map(({ reason }) => reason)).toEqual(['handler-error'])
})

test('one of 100 fails in close: the other 99 completions come, its own says so', async () => {
  await using lab = await openLab({ close: failFor })
  const pairs = await lab.pairs(100)
  const one = pairs[50]?.connection as Connection
  one.data = 'the one'
  for (const { client } of pairs) {
    client.reset()
  }
  const completions = await Promise.all(pairs.map(({ connection }) => connection.closed))
  expect(completions.every(({ reason }) => reason === 'peer-reset')).toBe(true)
  expect(one.completion?.hooks.failures).toEqual([{ error: failure, where: 'close' }])
  const failed = completions.filter(({ hooks }) => hooks.failures.length > 0)
  expect(failed.length).toBe(1)
})

test('a handler that ends its neighbours within the batch harms nobody else', async () => {
  const connections: Connection[] = []
  const heard: Connection[] = []
  await using lab = await openLab({
    open(connection) {
      connections.push(connection)
    },
    data(connection, chunk) {
      heard.push(connection)
      if (heard.length === 1) {
        for (const other of connections.slice(50)) {
          if (other !== connection) {
            other.destroy()
          }
        }
      }
      connection.write(chunk)
    },
  })
  const pairs = await lab.pairs(100)
  for (const { client } of pairs) {
    client.write('ping')
  }
  const answers = pairs.map(({ client }) => client.read(4).then(String, () => 'destroyed'))
  const counts = new Map<string, number>()
  for (const answer of await Promise.all(answers)) {
    counts.set(answer, (counts.get(answer) ?? 0) + 1)
  }
  // Who was destroyed is not called again, although its bytes had been received already.
  const destroyed = counts.get('destroyed') ?? 0
  expect([49, 50]).toContain(destroyed)
  expect(counts.get('ping')).toBe(100 - destroyed)
  expect(heard.length).toBe(100 - destroyed)
})
