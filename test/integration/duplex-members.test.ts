import { createServer, get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { openLab } from '../support/lab.js'
import { acceptedFd } from '../support/sockets.js'
import { IPPROTO_TCP, TCP_NODELAY, testkit } from '../support/testkit.js'

describe('what a net.Socket has', () => {
  test('addresses of both ends, also after the end', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const stream = connection.toDuplex()
    const { port } = lab.server.address
    const ends = () => [
      [stream.remoteAddress, stream.remotePort, stream.remoteFamily],
      [stream.localAddress, stream.localPort, stream.localFamily],
      stream.address(),
    ]
    const expected = [
      ['127.0.0.1', client.port, 'IPv4'],
      ['127.0.0.1', port, 'IPv4'],
      { address: '127.0.0.1', port, family: 'IPv4' },
    ]
    expect(ends()).toEqual(expected)
    stream.destroy()
    await connection.closed
    expect(ends()).toEqual(expected)
    expect([stream.connecting, stream.pending]).toEqual([false, false])
  })

  test('of IPv6', async () => {
    await using lab = await openLab({}, { host: '::1' })
    const { connection } = await lab.pair()
    const stream = connection.toDuplex()
    expect([stream.localAddress, stream.localFamily]).toEqual(['::1', 'IPv6'])
    expect([stream.remoteAddress, stream.remoteFamily]).toEqual(['::1', 'IPv6'])
    stream.destroy()
    await connection.closed
    expect(connection.toDuplex().remoteFamily).toBe('IPv6')
  })

  test('never asked for before the end, our own address is not known after it', async () => {
    await using lab = await openLab()
    const { connection } = await lab.pair()
    const stream = connection.toDuplex()
    stream.destroy()
    await connection.closed
    expect([stream.localAddress, stream.address()]).toEqual([undefined, {}])
  })

  test('setNoDelay() reaches the kernel', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const stream = connection.toDuplex()
    const fd = acceptedFd(lab.port, client.port)
    const noDelay = () => testkit.getOption(fd, IPPROTO_TCP, TCP_NODELAY) !== 0
    expect(noDelay()).toBe(true)
    expect(stream.setNoDelay(false)).toBe(stream)
    expect(noDelay()).toBe(false)
    stream.setNoDelay()
    expect(noDelay()).toBe(true)
    stream.destroy()
    await connection.closed
    stream.setNoDelay(false)
  })

  test('setKeepAlive() changes the idle time of the policy and nothing else of it', async () => {
    const keepalive = { idleMs: 60_000, intervalMs: 7_000, count: 3 }
    await using lab = await openLab({}, { keepalive })
    const { connection } = await lab.pair()
    const stream = connection.toDuplex()
    stream.setKeepAlive(true, 5_999)
    expect(connection.keepalive()).toMatchObject({ ...keepalive, idleMs: 5_000 })
    stream.setKeepAlive(true)
    expect(connection.keepalive()).toMatchObject({ ...keepalive, idleMs: 5_000 })
    stream.setKeepAlive(false)
    expect(connection.keepalive().enabled).toBe(false)
    expect(stream.setKeepAlive(true, 9_000)).toBe(stream)
    expect(connection.keepalive()).toMatchObject({ enabled: true, ...keepalive, idleMs: 9_000 })
    connection.destroy()
    expect(stream.setKeepAlive(true, 1_000)).toBe(stream)
    await connection.closed
    expect(stream.setKeepAlive(true, 1_000)).toBe(stream)
  })

  test('setKeepAlive() where the server has none takes the default preset for the rest', async () => {
    await using lab = await openLab({}, { keepalive: false })
    const { connection } = await lab.pair()
    connection.toDuplex().setKeepAlive(true, 5_000)
    const { enabled, idleMs, intervalMs } = connection.keepalive()
    expect([enabled, idleMs]).toEqual([true, 5_000])
    expect(intervalMs).toBeGreaterThan(0)
    connection.destroy()
    await connection.closed
  })
})

test('a request listener of node:http that throws ends its own connection alone', async () => {
  const thrown = new Error('in the listener')
  const app = createServer((request, response) => {
    if (request.url === '/bad') throw thrown
    response.end('good')
  })
  await using lab = await openLab({
    open: (connection) => void app.emit('connection', connection.toDuplex({ allowHalfOpen: true })),
  })
  const ask = (path: string) =>
    new Promise<number | string>((resolve) => {
      get({ port: lab.port, host: '127.0.0.1', path, agent: false }, (response) => {
        resolve(response.resume().statusCode as number)
      }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code as string))
    })
  expect(await ask('/good')).toBe(200)
  expect(await ask('/bad')).toBe('ECONNRESET')
  expect(await ask('/good')).toBe(200)
  const failed = lab.completions.filter(({ reason }) => reason === 'handler-error')
  expect(failed.map(({ error }) => error)).toEqual([thrown])
})
