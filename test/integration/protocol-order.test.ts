import { expect, test } from 'vitest'
import { lines, protocol } from '../../lib/index.js'
import type { Client } from '../support/client.js'
import { openLab } from '../support/lab.js'
import { type Deferred, deferred, turns, until } from '../support/wait.js'

/** Exactly this comes next. */
async function hear(client: Client, text: string): Promise<void> {
  expect((await client.read(Buffer.byteLength(text))).toString()).toBe(text)
}

test('an asynchronous message keeps the next ones waiting, the end of the peer too', async () => {
  const begun: string[] = []
  const gates = new Map<string, Deferred<void>>()
  const slow = protocol({
    codec: lines(),
    async message(conn, line) {
      begun.push(line)
      const gate = deferred()
      gates.set(line, gate)
      await gate.promise
      conn.send(`did ${line}`)
    },
  })
  await using lab = await openLab(slow)
  const { client, connection } = await lab.pair()
  client.write('a\nb\n')
  await until(() => begun.length === 1, 'the first has begun')
  client.end('c\n')
  await turns(20)
  expect(begun).toEqual(['a'])
  for (const line of ['a', 'b', 'c']) {
    await until(() => gates.has(line), `${line} has begun`)
    expect(connection.state).toBe('open')
    gates.get(line)?.resolve()
  }
  expect((await client.rest()).toString()).toBe('did a\ndid b\ndid c\n')
  expect((await connection.closed).reason).toBe('peer-end')
})

test('while too much is in hand the client is not read', async () => {
  const gate = deferred()
  let count = 0
  const stuck = protocol({
    codec: lines(),
    message() {
      count++
      return count === 1 ? gate.promise : undefined
    },
  })
  await using lab = await openLab(stuck)
  const { client, connection } = await lab.pair()
  const line = `${'x'.repeat(999)}\n`
  const sent = 32_000
  client.write('first\n')
  await until(() => count === 1, 'one is in hand')
  client.end(line.repeat(sent))
  // It has come to a halt, with most of it still on the client's side.
  let [before, since] = [-1, 0]
  await until(() => {
    const { bytesRead } = lab.server.counters
    if (bytesRead !== before) {
      before = bytesRead
      since = performance.now()
    }
    return performance.now() - since > 300
  }, 'the reading halts')
  expect(lab.server.counters.bytesRead).toBeLessThan(1_000_000)
  expect(count).toBe(1)
  gate.resolve()
  expect((await connection.closed).reason).toBe('peer-end')
  expect(count).toBe(1 + sent)
})

test('answers go out in the order of the messages, with so many under way at once', async () => {
  const gates = new Map<string, Deferred<void>>()
  let [underWay, most] = [0, 0]
  const answering = protocol({
    codec: lines(),
    concurrency: 3,
    answer(_conn, line) {
      if (line.startsWith('now')) {
        return `${line}!`
      }
      const gate = deferred()
      gates.set(line, gate)
      underWay++
      most = Math.max(most, underWay)
      return gate.promise.then(() => {
        underWay--
        return line === 'silent' ? undefined : `${line}!`
      })
    },
  })
  await using lab = await openLab(answering)
  const { client } = await lab.pair()
  client.end('a\nnow 1\nsilent\nb\nc\nnow 2\n')
  await until(() => gates.size === 2, 'two wait, and one is answered behind them')
  await turns(10)
  expect([...gates.keys()]).toEqual(['a', 'silent'])
  gates.get('silent')?.resolve()
  await turns(10)
  expect(gates.size).toBe(2)
  gates.get('a')?.resolve()
  await hear(client, 'a!\nnow 1!\n')
  await until(() => gates.size === 4, 'the next ones have begun')
  gates.get('c')?.resolve()
  gates.get('b')?.resolve()
  expect((await client.rest()).toString()).toBe('b!\nc!\nnow 2!\n')
  expect(most).toBe(2)
})

test('paused within a message the rest of the chunk waits, and comes before the end', async () => {
  const seen: string[] = []
  const pausing = protocol({
    codec: lines(),
    message(conn, line) {
      seen.push(line)
      if (line === 'stop') conn.pause()
    },
  })
  await using lab = await openLab(pausing)
  const [one, other] = await lab.pairs(2)
  one?.client.write('a\nstop\nb\nc')
  await until(() => seen.length === 2, 'it has paused')
  one?.client.write('\n')
  await turns(20)
  expect(seen).toEqual(['a', 'stop'])
  one?.connection.resume()
  await until(() => seen.length === 4, 'the rest has come')
  expect(seen).toEqual(['a', 'stop', 'b', 'c'])
  other?.client.write('stop\nlast\n')
  await until(() => seen.length === 5, 'the other has paused')
  other?.client.reset()
  await other?.connection.closed
  expect(seen.slice(5)).toEqual(['last'])
})

test('a client that does not read its answers is not read either, and gets them all', async () => {
  let count = 0
  const wordy = protocol({
    codec: lines({ maxMessageBytes: 2 ** 20 }),
    message(conn, line) {
      count++
      conn.send(`${line} ${'y'.repeat(100_000)}`)
    },
  })
  await using lab = await openLab(wordy)
  const { client, connection } = await lab.pair()
  client.end('m\n'.repeat(1_000))
  await until(() => connection.info()?.bytesQueued !== 0, 'the kernel takes no more')
  const begun = count
  await turns(50)
  expect(count).toBe(begun)
  expect(count).toBeLessThan(1_000)
  expect((await client.rest()).length).toBe(1_000 * 100_003)
  expect((await connection.closed).reason).toBe('peer-end')
})

test('messages still come after end(), and are dropped after destroy()', async () => {
  const seen: string[] = []
  const leaving = protocol({
    codec: lines(),
    message(conn, line) {
      seen.push(line)
      if (line === 'quit') conn.end()
      if (line === 'die') conn.destroy()
    },
  })
  await using lab = await openLab(leaving)
  const [quitting, dying] = await lab.pairs(2)
  quitting?.client.end('quit\nlast words\n')
  expect((await quitting?.connection.closed)?.reason).toBe('local-end')
  dying?.client.write('die\nnever\n')
  expect((await dying?.connection.closed)?.reason).toBe('local-abort')
  expect(seen).toEqual(['quit', 'last words', 'die'])
})

test('identify() within a message has the rest wait until the one before is cleaned up', async () => {
  const order: string[] = []
  const gate = deferred()
  const registry = protocol({
    codec: lines(),
    state: () => ({ name: '' }),
    async message(conn, line) {
      if (conn.data.name === '') {
        conn.data.name = line
        await conn.server.identify(conn, line)
        conn.onCleanup(async () => {
          await gate.promise
          order.push('cleaned up')
        })
      } else {
        order.push(line)
        conn.send(line)
      }
    },
  })
  await using lab = await openLab(registry)
  const old = await lab.pair()
  old.client.write('lamp\nhello\n')
  await hear(old.client, 'hello\n')
  const young = await lab.pair()
  young.client.write('lamp\nagain\n')
  await old.client.untilOver()
  await turns(20)
  expect(order).toEqual(['hello'])
  gate.resolve()
  await hear(young.client, 'again\n')
  expect(order.slice(0, 3)).toEqual(['hello', 'cleaned up', 'again'])
  expect((await old.connection.closed).reason).toBe('replaced')
})
