import { expect, test } from 'vitest'
import type { Connection, Handler } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'
import { deferred, turns, until } from '../support/wait.js'

/** Keeps what arrives in connection.data, and says when each call comes. */
function collector(): Handler<Buffer[]> {
  return {
    open(connection) {
      connection.data = []
    },
    data(connection, chunk) {
      connection.data.push(chunk)
    },
  }
}

function bytesOf(connection: Connection<Buffer[]>): Buffer {
  return Buffer.concat(connection.data)
}

test('a paused connection receives nothing, and everything after resume', async () => {
  await using lab = await openLab<Buffer[]>({
    ...collector(),
    data(connection, chunk) {
      connection.data.push(chunk)
      connection.write('.')
    },
  })
  const paused = await lab.pair()
  const other = await lab.pair()
  paused.connection.pause()
  await turns()
  const sent = pattern(4_000_000, 1)
  paused.client.end(sent)
  // As long as it takes another client to be answered 200 times, nothing arrives.
  for (let round = 0; round < 200; round++) {
    other.client.write('x')
    await other.client.read(1)
  }
  expect(bytesOf(paused.connection).length).toBe(0)
  expect(paused.connection.state).toBe('open')
  paused.connection.resume()
  await paused.connection.closed
  expect(digest(bytesOf(paused.connection))).toBe(digest(sent))
})

test('pause and resume by turns, chunk by chunk, loses nothing', async () => {
  await using lab = await openLab<Buffer[]>({
    ...collector(),
    data(connection, chunk) {
      connection.data.push(chunk)
      connection.pause()
      setImmediate(() => connection.resume())
    },
  })
  const { client, connection } = await lab.pair()
  const sent = pattern(3_000_000, 2)
  client.end(sent)
  const completion = await connection.closed
  expect(digest(bytesOf(connection))).toBe(digest(sent))
  expect(completion).toMatchObject({ reason: 'peer-end', bytesRead: sent.length })
})

test('pause() and resume() twice, or in one breath, do no harm', async () => {
  await using lab = await openLab(collector())
  const { client, connection } = await lab.pair()
  connection.resume()
  connection.pause()
  connection.pause()
  connection.resume()
  connection.resume()
  client.end('still here')
  await connection.closed
  expect(bytesOf(connection).toString()).toBe('still here')
})

test('paused by the handler of another connection of the same batch: held until resume', async () => {
  const calls: string[] = []
  const bothSeen = deferred()
  const held: { victim: Connection | null } = { victim: null }
  await using lab = await openLab({
    data(connection, chunk) {
      calls.push(`${connection.data}:${chunk}`)
      if (connection.data === 'first') {
        held.victim?.pause()
        bothSeen.resolve()
      }
    },
  })
  const first = await lab.pair()
  const victim = await lab.pair()
  first.connection.data = 'first'
  victim.connection.data = 'victim'
  held.victim = victim.connection
  // Both are in the kernel before this loop turns again: one batch, the earlier socket first.
  first.client.write('a')
  victim.client.write('b')
  await bothSeen.promise
  await turns(3)
  expect(calls).toEqual(['first:a'])
  victim.connection.resume()
  victim.client.write('c')
  await until(() => calls.join().endsWith('c'), 'the held bytes and those behind them')
  expect(calls.map((call) => call.replace('victim:', '')).join('')).toBe('first:abc')
})

test('the end is held as well when another handler of the same batch pauses', async () => {
  const calls: string[] = []
  const pausing = deferred()
  const held: { victim: Connection | null } = { victim: null }
  await using lab = await openLab({
    data() {
      held.victim?.pause()
      pausing.resolve()
    },
    end(connection) {
      calls.push(`end ${connection.data}`)
    },
  })
  const first = await lab.pair()
  const victim = await lab.pair()
  victim.connection.data = 'victim'
  held.victim = victim.connection
  first.client.write('a')
  victim.client.end()
  await pausing.promise
  await turns(3)
  expect(calls).toEqual([])
  expect(victim.connection.writable).toBe(true)
  victim.connection.resume()
  expect((await victim.connection.closed).reason).toBe('peer-end')
  expect(calls).toEqual(['end victim'])
})

test('held bytes come before the end, and the end waits for resume', async () => {
  const calls: string[] = []
  await using lab = await openLab({
    data(connection, chunk) {
      calls.push(`data ${chunk}`)
      connection.pause()
    },
    end() {
      calls.push('end')
    },
    close(_, { reason }) {
      calls.push(`close ${reason}`)
    },
  })
  const { client, connection } = await lab.pair()
  // The bytes and the FIN are there together, so the reactor may read both in one batch.
  client.end('last words')
  await until(() => calls.length > 0, 'the bytes are there')
  await turns(5)
  expect(calls).toEqual(['data last words'])
  expect(connection.writable).toBe(true)
  connection.write('answer')
  connection.resume()
  await connection.closed
  expect(calls).toEqual(['data last words', 'end', 'close peer-end'])
  expect((await client.rest()).toString()).toBe('answer')
})

test('held bytes of a connection that is reset while paused come before its close', async () => {
  const calls: string[] = []
  const held: { victim: Connection | null } = { victim: null }
  await using lab = await openLab({
    data(connection, chunk) {
      if (connection === held.victim) {
        calls.push(`data ${chunk}`)
      } else {
        held.victim?.pause()
      }
    },
    close(connection, { reason }) {
      if (connection === held.victim) {
        calls.push(`close ${reason}`)
      }
    },
  })
  const first = await lab.pair()
  const victim = await lab.pair()
  held.victim = victim.connection
  first.client.write('pause it')
  victim.client.write('already here')
  await until(() => victim.connection.info()?.bytesRead === 12, 'its bytes were in that batch')
  expect(calls).toEqual([])
  victim.client.reset()
  await victim.connection.closed
  expect(calls).toEqual(['data already here', 'close peer-reset'])
})

test('held bytes of a connection that is destroyed are dropped with it', async () => {
  const calls: string[] = []
  await using lab = await openLab({
    data(connection, chunk) {
      calls.push(String(chunk))
      connection.pause()
      setImmediate(() => connection.destroy())
    },
  })
  const { client, connection } = await lab.pair()
  client.write('first')
  await connection.closed
  expect(calls).toEqual(['first'])
})
