import { expect, test } from 'vitest'
import { type DisconnectCompletion, lines, ProtocolError, protocol } from '../../lib/index.js'
import type { Client } from '../support/client.js'
import { openLab } from '../support/lab.js'
import { turns } from '../support/wait.js'

/** Exactly this comes next. */
async function hear(client: Client, text: string): Promise<void> {
  expect((await client.read(Buffer.byteLength(text))).toString()).toBe(text)
}

function errorOf(completion: DisconnectCompletion): ProtocolError {
  expect(completion.reason).toBe('protocol-error')
  return completion.error as ProtocolError
}

test('chunks become messages, with a state for each connection', async () => {
  const counting = protocol({
    codec: lines(),
    state: () => ({ count: 0 }),
    message(conn, line) {
      conn.data.count++
      conn.send(`${conn.data.count} ${line}`)
    },
  })
  await using lab = await openLab(counting)
  const [ada, bob] = await lab.pairs(2)
  ada?.client.write('one\r\ntwo\nth')
  await hear(ada?.client as Client, '1 one\n2 two\n')
  bob?.client.write('other\n')
  await hear(bob?.client as Client, '1 other\n')
  ada?.client.write('ree\n')
  await hear(ada?.client as Client, '3 three\n')
})

test('a message that throws or rejects ends its own connection with handler-error', async () => {
  const failing = protocol({
    codec: lines(),
    message(conn, line) {
      if (line === 'throw') throw new Error('thrown')
      return line === 'reject' ? Promise.reject(new Error('rejected')) : conn.send(line)
    },
  })
  await using lab = await openLab(failing)
  const neighbour = await lab.pair()
  for (const [line, error] of [
    ['throw', 'thrown'],
    ['reject', 'rejected'],
  ]) {
    const { client, connection } = await lab.pair()
    client.write(`fine\n${line}\nfine\n`)
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'handler-error', error: { message: error } })
  }
  neighbour.client.write('fine\n')
  await hear(neighbour.client, 'fine\n')
})

test('what is no message ends the connection with protocol-error, its offset and a last word', async () => {
  const strict = protocol({
    codec: lines({ maxMessageBytes: 10 }),
    message: (conn, line) => void conn.send(line),
    malformed: (conn, error) => void conn.send(`no: ${error.limit}`),
  })
  await using lab = await openLab(strict)
  const neighbour = await lab.pair()
  const { client, connection } = await lab.pair()
  client.write(`12345\n${'x'.repeat(11)}`)
  client.write('x\n')
  await hear(client, '12345\nno: 10\n')
  const error = errorOf(await connection.closed)
  expect(error).toMatchObject({ code: 'ERR_HOLDFAST_PROTOCOL', offset: 16, limit: 10 })
  neighbour.client.write('fine\n')
  await hear(neighbour.client, 'fine\n')
})

test('a protocol refuses a message by a ProtocolError, which learns where the message began', async () => {
  const numbers = protocol({
    codec: lines(),
    message(_conn, line) {
      if (line === 'fine') {
        return undefined
      }
      if (line === 'later') {
        return turns(2).then(() => {
          throw new ProtocolError('not even later')
        })
      }
      throw new ProtocolError('not a number')
    },
  })
  await using lab = await openLab(numbers)
  const [now, later] = await lab.pairs(2)
  now?.client.write('fine\nabc\n')
  later?.client.write('fine\nlater\nabc\n')
  const errors = await Promise.all([now, later].map(async (pair) => pair?.connection.closed))
  expect(errors.map((completion) => errorOf(completion as DisconnectCompletion))).toMatchObject([
    { message: 'not a number (byte 5 of the connection)', offset: 5 },
    { message: 'not even later (byte 5 of the connection)', offset: 5 },
  ])
})

test('a state that is a promise ends its connection with handler-error, and says so', async () => {
  const slow = protocol({ codec: lines(), state: async () => ({ name: '' }), message() {} })
  await using lab = await openLab(slow)
  const [pair] = await lab.pairs(1)
  expect(await pair?.connection.closed).toMatchObject({
    reason: 'handler-error',
    error: { message: expect.stringMatching(/^protocol\.state must not return a promise/) },
  })
})

test('an end within a message is a protocol-error; one between messages is not', async () => {
  const echo = protocol({ codec: lines(), message: (conn, line) => void conn.send(line) })
  await using lab = await openLab(echo)
  const [cut, whole] = await lab.pairs(2)
  cut?.client.end('abc\nde')
  whole?.client.end('abc\n')
  expect(errorOf((await cut?.connection.closed) as DisconnectCompletion).offset).toBe(6)
  expect((await whole?.connection.closed)?.reason).toBe('peer-end')
})

test('goodbye is said when the server closes', async () => {
  const polite = protocol({
    codec: lines(),
    message: () => {},
    goodbye: (conn) => void conn.send('bye'),
  })
  await using lab = await openLab(polite)
  const { client, connection } = await lab.pair()
  const closed = lab.server.close({ deadlineMs: 10_000 })
  expect((await client.rest()).toString()).toBe('bye\n')
  client.end()
  await closed
  expect((await connection.closed).reason).toBe('shutdown')
})

test('encode() makes the bytes of a message for a broadcast', async () => {
  const room = protocol({
    codec: lines(),
    message: (conn, line) => void conn.server.broadcast(room.encode(line)),
  })
  await using lab = await openLab(room)
  const [ada, bob] = await lab.pairs(2)
  ada?.client.write('hello\n')
  await hear(ada?.client as Client, 'hello\n')
  await hear(bob?.client as Client, 'hello\n')
})
