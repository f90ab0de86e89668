import { expect, test } from 'vitest'
import type { Connection, Handler } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { deferred } from '../support/wait.js'

/** The first chunk is the key; what comes after it is told with the name of its client. */
function byFirstChunk(log: string[]): Handler<{ key?: string }> {
  return {
    open(connection) {
      connection.data = {}
      connection.onCleanup(() => {
        log.push(`cleanup of ${connection.remotePort}`)
      })
    },
    async data(connection, chunk) {
      if (connection.data.key !== undefined) {
        log.push(`${connection.remotePort} says ${chunk}`)
        return
      }
      connection.data.key = String(chunk)
      await connection.server.identify(connection, connection.data.key)
      connection.write('welcome')
    },
  }
}

test('a client that comes back replaces its old connection, whose cleanup comes first', async () => {
  const log: string[] = []
  await using lab = await openLab(byFirstChunk(log))
  const old = await lab.pair()
  old.client.write('alice')
  await old.client.read(7)
  const back = await lab.pair()
  back.client.write('alice')
  // Bytes that come while the old one is being cleaned up wait for it.
  await back.client.read(7)
  back.client.write('again')
  expect(await old.connection.closed).toMatchObject({ reason: 'replaced', actor: 'policy' })
  expect(lab.server.identified('alice')).toBe(back.connection)
  back.client.end()
  await back.connection.closed
  expect(log).toEqual([
    `cleanup of ${old.client.port}`,
    `${back.client.port} says again`,
    `cleanup of ${back.client.port}`,
  ])
})

test('the new connection is not read before the last hook of the old one has run', async () => {
  const hook = deferred()
  const running = deferred()
  const seen: string[] = []
  const handler: Handler = {
    data(_connection, chunk) {
      seen.push(String(chunk))
    },
  }
  await using lab = await openLab(handler)
  const [old, back] = await lab.pairs(2)
  if (old === undefined || back === undefined) throw new Error('two pairs')
  old.connection.onCleanup(() => {
    running.resolve()
    return hook.promise
  })
  await lab.server.identify(old.connection, 7)
  const replaced = lab.server.identify(back.connection, 7)
  back.client.write('hello')
  await running.promise
  const other = await lab.pair()
  other.client.write('other')
  while (!seen.includes('other')) await new Promise(setImmediate)
  expect(seen).toEqual(['other'])
  hook.resolve()
  expect((await replaced)?.id).toBe(old.connection.id)
  while (!seen.includes('hello')) await new Promise(setImmediate)
})

test('of many that come for one key at once, each but the last is replaced once', async () => {
  await using lab = await openLab()
  const pairs = await lab.pairs(20)
  const calls = pairs.map(({ connection }) => lab.server.identify(connection, 'one'))
  const replaced = await Promise.all(calls)
  const last = pairs.at(-1)?.connection as Connection
  expect(lab.server.identified('one')).toBe(last)
  expect(last.completion).toBeNull()
  expect(replaced[0]).toBeNull()
  const ids = replaced.slice(1).map((completion) => completion?.id)
  expect(ids).toEqual(pairs.slice(0, -1).map(({ connection }) => connection.id))
  expect(lab.server.counters.closed.replaced).toBe(19)
})

test('a key is free again after the end of its connection', async () => {
  await using lab = await openLab()
  const first = await lab.pair()
  await lab.server.identify(first.connection, 'key')
  first.client.end()
  await first.connection.closed
  expect(lab.server.identified('key')).toBeUndefined()
  const second = await lab.pair()
  expect(await lab.server.identify(second.connection, 'key')).toBeNull()
})

test('a connection takes another key, and the same key again, without being replaced', async () => {
  await using lab = await openLab()
  const { connection } = await lab.pair()
  await lab.server.identify(connection, 'a')
  expect(await lab.server.identify(connection, 'a')).toBeNull()
  await lab.server.identify(connection, 'b')
  expect(lab.server.identified('a')).toBeUndefined()
  expect(lab.server.identified('b')).toBe(connection)
  expect(connection.completion).toBeNull()
})

test('pause() and resume() of the new connection do not end its waiting', async () => {
  const seen: string[] = []
  const hook = deferred()
  await using lab = await openLab({
    data(_, chunk) {
      seen.push(String(chunk))
    },
  })
  const [old, back] = await lab.pairs(2)
  if (old === undefined || back === undefined) throw new Error('two pairs')
  old.connection.onCleanup(() => hook.promise)
  await lab.server.identify(old.connection, 1)
  const replaced = lab.server.identify(back.connection, 1)
  back.connection.pause()
  back.connection.resume()
  back.client.write('early')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(seen).toEqual([])
  hook.resolve()
  await replaced
  while (!seen.includes('early')) await new Promise(setImmediate)
})

test('bad keys, foreign and ended connections are refused by name', async () => {
  await using lab = await openLab()
  await using other = await openLab()
  const { connection, client } = await lab.pair()
  await expect(lab.server.identify(connection, {} as string)).rejects.toThrow(/identify: key/)
  await expect(other.server.identify(connection, 'k')).rejects.toThrow(/connection of this server/)
  client.end()
  await connection.closed
  await expect(lab.server.identify(connection, 'k')).rejects.toMatchObject({
    code: 'ERR_HOLDFAST_CLOSED',
  })
})
