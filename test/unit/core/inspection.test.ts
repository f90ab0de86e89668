import { expect, test } from 'vitest'
import { fakeServer } from '../../support/fake-server.js'

test('a row is conn.info() with the connection and its timer', async () => {
  const { server, native } = fakeServer({})
  const peer = native.connect()
  await native.settle()
  peer.send('hello')
  await native.settle()
  const [connection] = [...server.connections]
  const rows = server.inspect()
  expect(rows).toEqual([
    {
      ...connection?.info(),
      connection,
      timer: { kind: 'keepalive', expiresMs: 5_000, unanswered: 0 },
    },
  ])
  expect(rows[0]?.bytesRead).toBe(5)
})

test('without connections there is nothing', () => {
  expect(fakeServer({}).server.inspect()).toEqual([])
})

test('a connection that handler.open has not seen yet is no row', async () => {
  const { server, native } = fakeServer({})
  native.connect()
  expect(server.inspect()).toEqual([])
  await native.settle()
  expect(server.inspect()).toHaveLength(1)
})

test('a connection whose slot serves another one by now is no row', async () => {
  const { server, native } = fakeServer({})
  const first = native.connect()
  await native.settle()
  first.end()
  await native.settle()
  native.connect()
  expect(server.inspect()).toEqual([])
  await native.settle()
  expect(server.inspect()).toHaveLength(1)
})

test('what was destroyed is no row any more, before native knows', async () => {
  const { server, native } = fakeServer({})
  native.connect()
  native.connect()
  await native.settle()
  const [gone, kept] = [...server.connections]
  gone?.destroy()
  expect(server.inspect().map(({ connection }) => connection)).toEqual([kept])
})
