import { expect, test } from 'vitest'
import {
  type Codec,
  type Connection,
  INCOMPLETE,
  json,
  lines,
  type ProtocolConnection,
  protocol,
} from '../../lib/index.js'
import type { Client } from '../support/client.js'
import { openLab } from '../support/lab.js'
import { deferred, turns, until } from '../support/wait.js'

async function hear(client: Client, text: string): Promise<void> {
  expect((await client.read(Buffer.byteLength(text))).toString()).toBe(text)
}

test('code that sends while a message is encoded fails, and no byte goes to the wrong connection', async () => {
  let other: ProtocolConnection<unknown> | null = null
  const echoing = protocol<unknown>({
    codec: json(),
    message(conn, message) {
      if (message === 'watch') {
        other = conn
        return
      }
      const toJSON = (): string => {
        if (message === 'write') other?.write('secret')
        else other?.send(`secret ${'x'.repeat(200_000)}`)
        return 'for the other'
      }
      conn.send({ toJSON })
    },
  })
  await using lab = await openLab(echoing)
  const watching = await lab.pair()
  watching.client.write('"watch"\n')
  await until(() => other !== null, 'the other is there')
  for (const how of ['"write"\n', '"send"\n']) {
    const { client, connection } = await lab.pair()
    client.write(how)
    const completion = await connection.closed
    expect(completion).toMatchObject({
      reason: 'handler-error',
      bytesWritten: 0,
      error: { code: 'ERR_HOLDFAST_ENCODE' },
    })
  }
  watching.client.end()
  expect((await watching.client.rest()).length).toBe(0)
})

test('a codec that does not keep to the rules ends its own connection, and nothing else', async () => {
  const wrong: Record<string, Partial<Codec<string>>> = {
    stays: { decode: () => 'again' },
    'gets lost': {
      decode(input) {
        input.start = Number.NaN
        return 'lost'
      },
    },
    'leaves bytes behind': {
      decode(input) {
        input.start++
        return INCOMPLETE
      },
    },
    'goes on in the output': {
      encode(_message, output) {
        output.at += 10_000_000
      },
    },
  }
  for (const [name, parts] of Object.entries(wrong)) {
    const good = lines()
    const codec = { ...good, maxFrameBytes: 100, borrows: true, ...parts } as Codec<string>
    codec.decode = parts.decode ?? ((input) => good.decode(input))
    codec.encode = parts.encode ?? ((message, output) => good.encode(message, output))
    await using lab = await openLab(
      protocol<string>({ codec, message: (conn, line) => conn.send(line) }),
    )
    const idle = await lab.pair()
    const { client, connection } = await lab.pair()
    client.write('abc\n')
    expect((await connection.closed).reason, name).toBe('handler-error')
    expect(idle.connection.state).toBe('open')
  }
})

test('a last word that fails is told to onError, and the client is to blame all the same', async () => {
  const errors: unknown[] = []
  for (const malformed of [
    () => {
      throw new Error('thrown')
    },
    () => Promise.reject(new Error('rejected')),
  ]) {
    const strict = protocol({ codec: lines({ maxMessageBytes: 3 }), message: () => {}, malformed })
    await using lab = await openLab(strict)
    lab.server.onError((error) => errors.push(error))
    const { client, connection } = await lab.pair()
    client.write('12345\n')
    expect(await connection.closed).toMatchObject({ reason: 'protocol-error', error: { limit: 3 } })
    await turns()
  }
  expect(errors).toMatchObject([{ message: 'thrown' }, { message: 'rejected' }])
})

test('drain comes while the queue is low, before messages that waited fill it again', async () => {
  const queued: number[] = []
  const wordy = protocol({
    codec: lines(),
    message: (conn) => conn.send('y'.repeat(60_000)),
    drain: (conn) => queued.push(conn.info()?.bytesQueued ?? 0),
  })
  await using lab = await openLab(wordy)
  const { client } = await lab.pair()
  client.end('m\n'.repeat(300))
  expect((await client.rest()).length).toBe(300 * 60_001)
  expect(queued.length).toBeGreaterThan(0)
  expect(Math.max(...queued)).toBeLessThanOrEqual(16_384)
})

test('a stream that begins within end() keeps its sending side', async () => {
  await using lab = await openLab({
    end(connection: Connection) {
      const stream = connection.toDuplex({ allowHalfOpen: true })
      stream.resume().once('end', () => setImmediate(() => stream.end('late')))
    },
  })
  const { client, connection } = await lab.pair()
  client.end('early')
  expect((await client.rest()).toString()).toBe('late')
  await connection.closed
})

test('an answer under way is not written into the stream that has taken over', async () => {
  const gate = deferred()
  const upgrading = protocol({
    codec: lines(),
    concurrency: 4,
    answer(conn, line) {
      if (line === 'slow') return gate.promise.then(() => 'late answer')
      const stream = conn.toDuplex()
      stream.write('<stream>')
      gate.promise.then(() => turns(5)).then(() => stream.end('</stream>'))
      return undefined
    },
  })
  await using lab = await openLab(upgrading)
  const { client, connection } = await lab.pair()
  client.write('slow\nup\n')
  await hear(client, '<stream>')
  gate.resolve()
  expect((await client.rest()).toString()).toBe('</stream>')
  client.end()
  await connection.closed
})
