// Listening, moving bytes, ending: under node.exe, against the compiled lib and HOLDFAST_ADDON.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { echo, listen } from 'holdfast'
import { connectTo, quickMs, read, serve, until } from './support.js'

const timeout = quickMs

test('it runs on Windows, or what passes for it', () => {
  assert.equal(process.platform, 'win32')
})

test('only uv is offered', { timeout }, async () => {
  await assert.rejects(listen({ port: 0, io: 'epoll', handler: {} }), {
    name: 'HoldfastRangeError',
  })
  const { server, close } = await serve({}, { io: 'uv' })
  assert.ok(server.address.port > 0)
  await close()
})

test('listen() names the error of a port in use and of a load-sharing port', {
  timeout,
}, async () => {
  const { server, close } = await serve({})
  const { port } = server.address
  await assert.rejects(listen({ port, handler: {} }), { code: 'EADDRINUSE', syscall: 'bind', port })
  await assert.rejects(listen({ port: 0, reusePort: true, handler: {} }), { code: 'ENOTSUP' })
  await close()
})

test('IPv6, and IPv4 on a socket for both', { timeout }, async () => {
  const { server, completions, close } = await serve(echo, { host: '::' })
  const socket = await connectTo(server.address.port)
  socket.end('six')
  assert.equal(String(await read(socket, 3)), 'six')
  await until(() => completions.length === 1)
  assert.match(completions[0]?.remoteAddress ?? '', /127\.0\.0\.1$/)
  await close()
})

test('200 connections at once, one accepted a turn, echo what they are sent', {
  timeout,
}, async () => {
  const { server, connect, close } = await serve(echo, { acceptBudget: 1 })
  const sockets = await Promise.all(Array.from({ length: 200 }, connect))
  sockets.forEach((socket, at) => void socket.write(`number ${at}`.padEnd(100)))
  const answers = await Promise.all(sockets.map((socket) => read(socket, 100)))
  answers.forEach((answer, at) => void assert.equal(String(answer).trim(), `number ${at}`))
  assert.equal(server.counters.accepted, 200)
  for (const socket of sockets) socket.destroy()
  await close()
})

test('4 MiB echoed to a client that sends faster than it reads', { timeout }, async () => {
  const { connect, close } = await serve(echo)
  const socket = await connect()
  const sent = Buffer.alloc(4 * 1024 * 1024, 'hold fast ')
  socket.end(sent)
  assert.ok(sent.equals(await read(socket, sent.length)))
  await close()
})

test('write queue: write() says stop, drain follows, every byte arrives', { timeout }, async () => {
  const chunk = Buffer.alloc(64 * 1024, 'back-pressure ')
  const goal = 32 * 1024 * 1024
  const expected = createHash('sha256')
  let given = 0
  let drains = 0
  /** @param {import('holdfast').Connection} connection */
  const fill = (connection) => {
    while (given < goal) {
      const numbered = Buffer.from(chunk)
      numbered.writeUInt32LE(given)
      expected.update(numbered)
      given += numbered.length
      if (!connection.write(numbered)) return
    }
    connection.end()
  }
  const { completions, connect, close } = await serve({
    open: fill,
    drain(connection) {
      drains++
      fill(connection)
    },
  })
  const socket = await connect()
  // Long enough for the buffers of both ends to fill: a server that pushed on would be seen.
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.ok(given < goal, `${given} bytes were given to a client that reads nothing`)
  const received = createHash('sha256')
  for await (const data of socket) received.update(data)
  assert.equal(received.digest('hex'), expected.digest('hex'))
  assert.ok(drains > 0)
  await until(() => completions.length === 1)
  assert.equal(completions[0]?.reason, 'local-end')
  assert.equal(completions[0]?.bytesWritten, goal)
  await close()
})

test('a paused connection is handed nothing until it is resumed', { timeout }, async () => {
  let received = ''
  const { server, connect, close } = await serve({
    open: (connection) => connection.pause(),
    data(_, bytes) {
      received += bytes
    },
  })
  const socket = await connect()
  socket.write('later')
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(received, '')
  for (const connection of server.connections) connection.resume()
  await until(() => received === 'later')
  await close()
})

test('a paused connection that is reset says so while it is paused', { timeout }, async () => {
  const { server, completions, connect, close } = await serve({
    open: (connection) => connection.pause(),
  })
  const socket = await connect()
  await until(() => server.counters.open === 1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.resetAndDestroy()
  await until(() => completions.length === 1)
  assert.equal(completions[0]?.reason, 'peer-reset')
  await close()
})

test('server.close() ends everybody as shutdown, and the port is free', { timeout }, async () => {
  const { server, completions, connect } = await serve(echo)
  const sockets = await Promise.all(Array.from({ length: 20 }, connect))
  await until(() => server.counters.accepted === 20)
  const ends = sockets.map((socket) => once(socket.resume(), 'end'))
  const closed = server.close()
  await Promise.all(ends)
  const counters = await closed
  assert.equal(counters.closed.shutdown, 20)
  assert.deepEqual([...new Set(completions.map(({ reason }) => reason))], ['shutdown'])
  const { port } = server.address
  await assert.rejects(connectTo(port), { code: 'ECONNREFUSED' })
  const again = await listen({ port, handler: {} })
  await again.close()
})
