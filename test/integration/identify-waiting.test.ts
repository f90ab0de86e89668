import { describe, expect, test } from 'vitest'
import type { Handler } from '../../lib/index.js'
import { type LabOptions, openLab, type Pair } from '../support/lab.js'
import { deferred, until } from '../support/wait.js'

interface Named extends Pair<string> {
  /** Settles the cleanup hook of the server's end. */
  cleanUp(): void
}

/**
 * A server that writes down by name what its connections say, and their ends. The first client is
 * the test's own: at its 'now' the server does what the test has set, in the middle of a batch, and
 * it answers its '?'.
 */
async function openDesk(options: LabOptions = {}) {
  const log: string[] = []
  let act = () => {}
  const handler: Handler<string> = {
    data(connection, chunk) {
      const text = String(chunk)
      if (text === 'now') act()
      else if (text === '?') connection.write('!')
      else log.push(`${connection.data} says ${text}`)
    },
    end: (connection) => void log.push(`${connection.data} ends`),
  }
  const lab = await openLab(handler, options)
  const first = await lab.pair()

  return Object.assign(lab, {
    log,

    /** Clients by name, each with a hook that lasts until the test ends it. */
    async come<Names extends string[]>(...names: Names) {
      const come: Named[] = []
      for (const name of names) {
        const { client, connection } = await lab.pair()
        const hook = deferred()
        connection.data = name
        connection.onCleanup(async () => {
          await hook.promise
          log.push(`${name} is cleaned up`)
        })
        come.push({ client, connection, cleanUp: hook.resolve })
      }
      return come as { [Index in keyof Names]: Named }
    },

    /** `waiting` comes for the key in the very batch that brings a chunk of its own. */
    async identifyAsItSpeaks(waiting: Named, key: string, text: string): Promise<void> {
      const done = deferred()
      act = () => {
        lab.server.identify(waiting.connection, key)
        done.resolve()
      }
      // Both are in the kernel before this loop turns again: one batch, the earlier socket first.
      first.client.write('now')
      waiting.client.write(text)
      await done.promise
    },

    /** As long as it takes the first client to be answered 20 times. */
    async meanwhile(): Promise<void> {
      for (let round = 0; round < 20; round++) {
        first.client.write('?')
        await first.client.read(1)
      }
    },
  })
}

test('the third of a chain waits for the first as well', async () => {
  await using desk = await openDesk()
  const { server, log } = desk
  const [a, b, c] = await desk.come('a', 'b', 'c')
  await server.identify(a.connection, 'k')
  const ofB = server.identify(b.connection, 'k')
  const ofC = server.identify(c.connection, 'k')
  c.client.write('hello')
  b.cleanUp()
  await b.connection.closed
  await desk.meanwhile()
  expect(log).toEqual(['b is cleaned up'])
  a.cleanUp()
  expect([(await ofB)?.id, (await ofC)?.id]).toEqual([a.connection.id, b.connection.id])
  await until(() => log.length === 3, 'the chunk of the third')
  expect(log.slice(1)).toEqual(['a is cleaned up', 'c says hello'])
  c.cleanUp()
})

describe('a connection that ends while it waits', () => {
  const deaths: [string, (waiting: Named) => void, string][] = [
    ['reset by its client', ({ client }) => client.reset(), 'peer-reset'],
    ['destroyed', ({ connection }) => connection.destroy(), 'local-abort'],
  ]

  test.each(deaths)('%s: what is held is dropped, its hooks run', async (_, die, reason) => {
    await using desk = await openDesk()
    const { server, log } = desk
    const [a, b, c] = await desk.come('a', 'b', 'c')
    await server.identify(a.connection, 'k')
    await desk.identifyAsItSpeaks(b, 'k', 'too late')
    await desk.meanwhile()
    die(b)
    b.cleanUp()
    expect(await b.connection.closed).toMatchObject({ reason, bytesRead: 8, hooks: { run: 1 } })
    expect(server.identified('k')).toBeUndefined()
    // Whoever comes next waits for the first one, and is told of nobody: the second is forgotten.
    const ofC = server.identify(c.connection, 'k')
    c.client.write('hello')
    await desk.meanwhile()
    expect(log).toEqual(['b is cleaned up'])
    a.cleanUp()
    expect(await ofC).toBeNull()
    await until(() => log.length === 3, 'the chunk of the third')
    expect(log.slice(1)).toEqual(['a is cleaned up', 'c says hello'])
    c.cleanUp()
  })

  const ends: [string, (waiting: Named) => void, string][] = [
    ['by its client', ({ client }) => client.end(), 'peer-end'],
    [
      'by end()',
      ({ client, connection }) => {
        connection.end()
        client.end()
      },
      'local-end',
    ],
  ]

  test.each(ends)(
    'in order, %s: its chunk and its end come after the wait',
    async (_, end, reason) => {
      await using desk = await openDesk()
      const [a, b] = await desk.come('a', 'b')
      await desk.server.identify(a.connection, 'k')
      await desk.identifyAsItSpeaks(b, 'k', 'in time')
      end(b)
      await desk.meanwhile()
      expect(desk.log).toEqual([])
      a.cleanUp()
      b.cleanUp()
      expect(await b.connection.closed).toMatchObject({ reason, bytesRead: 7, hooks: { run: 1 } })
      const after = ['a is cleaned up', 'b says in time', 'b ends', 'b is cleaned up']
      expect(desk.log).toEqual(after)
    },
  )
})

test('with two keys it waits for the hooks of both', async () => {
  await using desk = await openDesk()
  const { server, log } = desk
  const [a, b, c] = await desk.come('a', 'b', 'c')
  await server.identify(a.connection, 1)
  await server.identify(b.connection, 2)
  const first = server.identify(c.connection, 1)
  const second = server.identify(c.connection, 2)
  c.client.write('hello')
  a.cleanUp()
  expect((await first)?.id).toBe(a.connection.id)
  await desk.meanwhile()
  expect(log.at(-1)).toBe('a is cleaned up')
  b.cleanUp()
  expect((await second)?.id).toBe(b.connection.id)
  await until(() => log.at(-1) === 'c says hello', 'the chunk of the third')
  c.cleanUp()
})

test('the same key again is answered when the wait is over, and replaces nobody', async () => {
  await using desk = await openDesk()
  const { server, log } = desk
  const [a, b] = await desk.come('a', 'b')
  await server.identify(a.connection, 'k')
  const once = server.identify(b.connection, 'k')
  const again = server.identify(b.connection, 'k').then((answer) => {
    log.push('answered')
    return answer
  })
  await desk.meanwhile()
  expect(log).toEqual([])
  a.cleanUp()
  expect([(await once)?.id, await again]).toEqual([a.connection.id, null])
  expect(log).toEqual(['a is cleaned up', 'answered'])
  b.cleanUp()
})

test('a hook that never ends holds up the chain for cleanupTimeoutMs', async () => {
  await using desk = await openDesk({ cleanupTimeoutMs: 50 })
  const { server, log } = desk
  const [a, b, c] = await desk.come('a', 'b', 'c')
  b.cleanUp()
  c.cleanUp()
  await server.identify(a.connection, 'k')
  const ofB = server.identify(b.connection, 'k')
  const ofC = server.identify(c.connection, 'k')
  c.client.write('hello')
  expect((await ofB)?.hooks).toMatchObject({ run: 1, late: 1 })
  expect(log).toEqual(['b is cleaned up'])
  expect((await ofC)?.id).toBe(b.connection.id)
  await until(() => log.at(-1) === 'c says hello', 'the chunk of the third')
  a.cleanUp()
})

test('identified() gives no connection that is destroyed, or closed and not yet cleaned up', async () => {
  await using desk = await openDesk()
  const { server } = desk
  const [a, b] = await desk.come('a', 'b')
  await server.identify(a.connection, 'k')
  expect(server.identified('k')).toBe(a.connection)
  a.connection.destroy()
  expect(server.identified('k')).toBeUndefined()
  await until(() => a.connection.state === 'closed', 'the end of the first')
  expect(server.identified('k')).toBeUndefined()
  const ofB = server.identify(b.connection, 'k')
  expect(server.identified('k')).toBe(b.connection)
  a.cleanUp()
  expect(await ofB).toMatchObject({ id: a.connection.id, reason: 'local-abort' })
  b.cleanUp()
})
