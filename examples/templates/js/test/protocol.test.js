import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everySplit, testServer } from 'holdfast/testing'
import protocol from '../src/protocol.js'

// No sockets and no waiting: the server is in memory, and its clock stands until advance().

test('each line is numbered and comes back in capitals, however its bytes arrive', async () => {
  for (const parts of everySplit('one\r\ntwo\n')) {
    const server = testServer(protocol)
    const client = server.connect()
    client.send(...parts)
    assert.equal(await client.receive(), 'welcome to my-protocol')
    assert.equal(await client.receive(), '1: ONE')
    assert.equal(await client.receive(), '2: TWO')
    await server[Symbol.asyncDispose]()
  }
})

test('quit ends the connection', async () => {
  const server = testServer(protocol)
  const client = server.connect()
  client.sendMessage('quit')
  assert.equal(await client.receive(), 'welcome to my-protocol')
  assert.equal(await client.receive(), 'bye')
  assert.equal(await client.closed, 'end')
  await server[Symbol.asyncDispose]()
  assert.equal(client.completion?.reason, 'local-end')
})

test('a line that is too long ends the connection with protocol-error', async () => {
  const server = testServer(protocol)
  const client = server.connect()
  client.send('x'.repeat(2000))
  assert.equal(await client.receive(), 'welcome to my-protocol')
  assert.match(String(await client.receive()), /^not understood: no end of a message within 1024/)
  await server[Symbol.asyncDispose]()
  assert.equal(client.completion?.reason, 'protocol-error')
})

test('who says nothing for ten minutes is ended', async () => {
  const server = testServer(protocol)
  const client = server.connect()
  assert.equal(await client.receive(), 'welcome to my-protocol')
  await server.advance(600_000)
  assert.equal(client.completion?.reason, 'idle-timeout')
  await server[Symbol.asyncDispose]()
})
