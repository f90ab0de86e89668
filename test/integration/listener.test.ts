import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { type Handler, type ListenOptions, listen } from '../../lib/index.js'
import { connectClient } from '../support/client.js'
import { ioUnderTest, openLab } from '../support/lab.js'
import { acceptedFd } from '../support/sockets.js'
import { IPPROTO_TCP, TCP_NODELAY, testkit } from '../support/testkit.js'

const echo: Handler = {
  data(connection, chunk) {
    connection.write(chunk)
  },
}

/** What a client that connects to this address gets echoed. */
async function echoed(port: number, host: string): Promise<string> {
  const client = await connectClient(port, { host })
  try {
    client.write('ping')
    return (await client.read(4)).toString()
  } finally {
    client.destroy()
  }
}

test('IPv4: the address is reported and the peer is named in dotted decimal', async () => {
  await using lab = await openLab(echo, { host: '127.0.0.1' })
  expect(lab.server.address).toEqual({ host: '127.0.0.1', port: expect.any(Number), family: 4 })
  const { connection, client } = await lab.pair()
  expect(connection.remoteAddress).toBe('127.0.0.1')
  expect(connection.remotePort).toBe(client.port)
  client.end()
  const completion = await connection.closed
  expect(completion).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: client.port })
  expect(connection.remoteAddress).toBe('127.0.0.1')
})

test('IPv6: the address is reported and the peer is named in its shortest form', async () => {
  await using lab = await openLab(echo, { host: '::1' })
  expect(lab.server.address).toEqual({ host: '::1', port: expect.any(Number), family: 6 })
  const { connection, client } = await lab.pair()
  expect(connection.remoteAddress).toBe('::1')
  client.write('six')
  expect((await client.read(3)).toString()).toBe('six')
  client.end()
  expect((await connection.closed).remoteAddress).toBe('::1')
})

test('dual stack: one listener on :: serves both families', async () => {
  await using lab = await openLab(echo, { host: '::' })
  expect(await echoed(lab.port, '::1')).toBe('ping')
  expect(await echoed(lab.port, '127.0.0.1')).toBe('ping')
  const client = await lab.client({ host: '127.0.0.1' })
  expect((await lab.accepted(client.port)).remoteAddress).toBe('::ffff:127.0.0.1')
})

test('ipv6Only: IPv4 is refused, and the same port is free for an IPv4 listener', async () => {
  await using lab = await openLab(echo, { host: '::', ipv6Only: true })
  expect(await echoed(lab.port, '::1')).toBe('ping')
  await expect(echoed(lab.port, '127.0.0.1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await using beside = await openLab(echo, { host: '0.0.0.0', port: lab.port })
  expect(await echoed(beside.port, '127.0.0.1')).toBe('ping')
})

test('port 0: each listener gets a free port of its own', async () => {
  await using first = await openLab()
  await using second = await openLab()
  expect(first.port).toBeGreaterThan(0)
  expect(second.port).toBeGreaterThan(0)
  expect(second.port).not.toBe(first.port)
})

test('a host name is looked up', async () => {
  await using lab = await openLab(echo, { host: 'localhost' })
  expect(['127.0.0.1', '::1']).toContain(lab.server.address.host)
  expect(await echoed(lab.port, lab.server.address.host)).toBe('ping')
})

test('a port is free again at once after close(), old connections in TIME_WAIT or not', async () => {
  const first = await openLab(echo)
  const { port } = first
  const { client } = await first.pair()
  await first[Symbol.asyncDispose]()
  await client.closed
  await using second = await openLab(echo, { port })
  expect(await echoed(second.port, '127.0.0.1')).toBe('ping')
})

test('reusePort: two servers share one port and together accept everything', async () => {
  const clients = 100
  await using first = await openLab(echo, { reusePort: true })
  await using second = await openLab(echo, { reusePort: true, port: first.port })
  const answers = Array.from({ length: clients }, () => echoed(first.port, '127.0.0.1'))
  expect(await Promise.all(answers)).toEqual(Array(clients).fill('ping'))
  const [mine, yours] = [first.server.counters.accepted, second.server.counters.accepted]
  expect(mine + yours).toBe(clients)
  // The kernel spreads by a hash of the addresses: all 100 on one side is a chance of 2^-99.
  expect(Math.min(mine, yours)).toBeGreaterThan(0)
})

test('without reusePort the second listener on a port is refused', async () => {
  await using first = await openLab(echo, { reusePort: true })
  const options: ListenOptions = { port: first.port, io: ioUnderTest, handler: echo }
  await expect(listen(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test.each([true, false])('noDelay %s reaches the accepted socket', async (noDelay) => {
  await using lab = await openLab(echo, { noDelay })
  const { client } = await lab.pair()
  const option = testkit.getOption(acceptedFd(lab.port, client.port), IPPROTO_TCP, TCP_NODELAY)
  expect(option !== 0).toBe(noDelay)
})

test('a client that is gone before it was accepted makes one connection and one completion', async () => {
  await using lab = await openLab(echo)
  const ended = new Promise<void>((resolve) => lab.server.onDisconnect(() => resolve()))
  const socket = connect(lab.port, '127.0.0.1')
  // The handshake is the kernel's alone: it is done before this loop has accepted anything.
  await once(socket, 'connect')
  socket.resetAndDestroy()
  await ended
  expect(lab.completions.map(({ reason }) => reason)).toEqual(['peer-reset'])
})
