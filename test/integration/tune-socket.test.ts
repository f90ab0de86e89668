import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { type KeepaliveInput, tuneSocket } from '../../lib/index.js'
import { connectClient } from '../support/client.js'
import { deafen, quickDetectionMs, quickKeepalive } from '../support/dead-peer.js'
import { kernelValues } from '../support/kernel-values.js'
import { acceptedFd, fdOf } from '../support/sockets.js'
import { until } from '../support/wait.js'

interface Plain extends AsyncDisposable {
  /** The server's end. */
  socket: net.Socket
  client: net.Socket
}

async function listening(server: net.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as net.AddressInfo).port
}

/** A connection of a server of node:net. */
async function plain(): Promise<Plain> {
  const server = net.createServer()
  const arrived = once(server, 'connection') as Promise<[net.Socket]>
  const { socket: client } = await connectClient(await listening(server))
  const [socket] = await arrived
  socket.on('error', () => {})
  return {
    socket,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy()
      socket.destroy()
      server.close()
    },
  }
}

/** What the call throws; fails when it throws nothing. */
function thrownBy(call: () => unknown): { code?: string; message: string } {
  try {
    call()
  } catch (error) {
    return error as { code?: string; message: string }
  }
  throw new Error('nothing was thrown')
}

describe('tuneSocket on a socket of node:net', () => {
  test('the kernel has the policy, and it is returned as read back', async () => {
    await using pair = await plain()
    const before = kernelValues(fdOf(pair.socket))
    expect(before.enabled).toBe(false)
    const effective = tuneSocket(pair.socket, 'interactive')
    expect(effective).toMatchObject({
      preset: 'interactive',
      enabled: true,
      idleMs: 20_000,
      intervalMs: 5_000,
      count: 4,
      source: 'per-socket',
      verified: true,
      detectionMs: 40_000,
      warnings: [],
    })
    expect(effective).toMatchObject(kernelValues(fdOf(pair.socket)))
    expect(kernelValues(fdOf(pair.client))).toEqual(before)
  })

  test('no liveness clock watches it, so that a user timeout takes its place', async () => {
    await using pair = await plain()
    const effective = tuneSocket(pair.socket, 'lan-strict')
    expect(effective.unsupported).toContain('livenessClock')
    expect(effective.unsupported.filter((name) => name === 'livenessClock')).toHaveLength(1)
    expect(effective.userTimeoutMs).toBe(5_000 + 4 * 1_000 - 200)
    expect(kernelValues(fdOf(pair.socket)).userTimeoutMs).toBe(effective.userTimeoutMs)
    const off = { idleMs: 5_000, intervalMs: 1_000, count: 4, userTimeoutMs: 'off' } as const
    expect(tuneSocket(pair.socket, off).userTimeoutMs).toBe(0)
    expect(kernelValues(fdOf(pair.socket)).userTimeoutMs).toBe(0)
  })

  test('false switches it off again, with everything that came with it', async () => {
    await using pair = await plain()
    tuneSocket(pair.socket, 'lan-strict')
    expect(tuneSocket(pair.socket, false)).toMatchObject({ enabled: false, detectionMs: null })
    expect(kernelValues(fdOf(pair.socket))).toMatchObject({ enabled: false, userTimeoutMs: 0 })
  })

  test('says what the kernel rounded', async () => {
    await using pair = await plain()
    const effective = tuneSocket(pair.socket, { idleMs: 1_500, intervalMs: 1_000, count: 2 })
    expect(effective.idleMs).toBe(2_000)
    expect(effective.warnings).toHaveLength(1)
  })

  test('the longest policy keeps its bound: no user timeout could hold it', async () => {
    await using pair = await plain()
    const longest = { idleMs: 32_767_000, intervalMs: 32_767_000, count: 127 }
    const effective = tuneSocket(pair.socket, longest)
    expect(effective).toMatchObject({ ...longest, detectionMs: 4_194_176_000, warnings: [] })
    expect(effective.userTimeoutMs).toBe(0)
    expect(kernelValues(fdOf(pair.socket)).userTimeoutMs).toBe(0)
  })

  test('works on the client end too', async () => {
    await using pair = await plain()
    tuneSocket(pair.client, 'nat')
    expect(kernelValues(fdOf(pair.client))).toMatchObject({ enabled: true, idleMs: 110_000 })
  })
})

describe.concurrent('a peer of a tuned socket that vanishes', () => {
  test('is reported by the socket as ETIMEDOUT in time, while its untuned neighbour hears nothing', async () => {
    await using tuned = await plain()
    await using untuned = await plain()
    await using live = await plain()
    tuneSocket(tuned.socket, quickKeepalive)
    tuneSocket(live.socket, quickKeepalive)
    await Promise.all([deafen(tuned.client), deafen(untuned.client)])
    const since = performance.now()
    // A paused socket of Node does not watch its connection.
    tuned.socket.resume()
    live.socket.resume()
    const [error] = (await once(tuned.socket, 'error').catch((reason) => [reason])) as [Error]
    expect(error).toMatchObject({ code: 'ETIMEDOUT' })
    expect(performance.now() - since).toBeLessThan(quickDetectionMs * 1.05 + 1_000)
    expect(untuned.socket.destroyed).toBe(false)
    expect(live.socket.destroyed).toBe(false)
  })

  test('is reported with data outstanding too, where keepalive does not run', async () => {
    await using tuned = await plain()
    await using live = await plain()
    tuneSocket(tuned.socket, quickKeepalive)
    tuneSocket(live.socket, quickKeepalive)
    await deafen(tuned.client)
    const since = performance.now()
    tuned.socket.resume().write('lost')
    live.socket.resume().write('heard')
    const [error] = (await once(tuned.socket, 'error').catch((reason) => [reason])) as [Error]
    expect(error).toMatchObject({ code: 'ETIMEDOUT' })
    expect(performance.now() - since).toBeLessThan(quickDetectionMs * 1.05 + 1_000)
    expect(live.socket.destroyed).toBe(false)
  })
})

test('a server of node:http: each of its sockets can be tuned as it arrives', async () => {
  const server = http.createServer((_request, response) => response.end('hello'))
  const tuned: number[] = []
  server.on('connection', (socket: net.Socket) => {
    tuneSocket(socket, 'cloud-lb')
    tuned.push(kernelValues(fdOf(socket)).idleMs)
  })
  const port = await listening(server)
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    expect(await answer.text()).toBe('hello')
    expect(tuned).toEqual([60_000])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

// A key that both sides know (RFC 4279) needs no certificate.
const psk = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const
const key = Buffer.alloc(16, 7)

test('TLS: the socket below is tuned, at both ends', async () => {
  const server = tls.createServer({ ...psk, pskCallback: () => key })
  const port = await listening(server)
  const arrived = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>
  const client = tls.connect({
    ...psk,
    port,
    host: '127.0.0.1',
    pskCallback: () => ({ psk: key, identity: 'test' }),
    checkServerIdentity: () => undefined,
  })
  const [socket] = await arrived
  try {
    await until(() => !client.connecting, 'the client is connected')
    tuneSocket(socket, 'nat')
    tuneSocket(client, 'mobile')
    const serverFd = acceptedFd(port, client.localPort as number)
    const clientFd = acceptedFd(client.localPort as number, port)
    expect(kernelValues(serverFd)).toMatchObject({ enabled: true, idleMs: 110_000 })
    expect(kernelValues(clientFd)).toMatchObject({ enabled: true, idleMs: 225_000 })
  } finally {
    client.destroy()
    socket.destroy()
    server.close()
  }
})

test('TLS over a stream that is no socket has no descriptor, and says so', async () => {
  const near = new PassThrough()
  const socket = new tls.TLSSocket(near as unknown as net.Socket)
  try {
    expect(thrownBy(() => tuneSocket(socket, 'nat')).code).toBe('ERR_HOLDFAST_SOCKET')
  } finally {
    socket.destroy()
    near.destroy()
  }
})

describe('what cannot be tuned is refused with ERR_HOLDFAST_SOCKET', () => {
  const policy: KeepaliveInput = 'cloud-lb'

  test('a destroyed socket', async () => {
    await using pair = await plain()
    pair.socket.destroy()
    const error = thrownBy(() => tuneSocket(pair.socket, policy))
    expect(error).toMatchObject({ code: 'ERR_HOLDFAST_SOCKET', name: 'HoldfastError' })
    expect(error.message).toBe('tuneSocket: the socket is destroyed')
    await once(pair.socket, 'close')
    expect(thrownBy(() => tuneSocket(pair.socket, policy)).code).toBe('ERR_HOLDFAST_SOCKET')
  })

  test('one that is not connected yet, or was never asked to', async () => {
    const server = net.createServer((socket) => socket.destroy())
    const connecting = net.connect(await listening(server), '127.0.0.1')
    try {
      const error = thrownBy(() => tuneSocket(connecting, policy))
      expect(error).toMatchObject({ code: 'ERR_HOLDFAST_SOCKET' })
      expect(error.message).toContain("'connect'")
      // Not that the system gives no descriptor: this is no fault of it.
      expect(thrownBy(() => tuneSocket(new net.Socket(), policy))).toMatchObject(error)
    } finally {
      connecting.destroy()
      server.close()
    }
  })

  test('a Unix socket, which has no keepalive', async () => {
    const place = path.join(tmpdir(), `holdfast-${process.pid}-${process.env.HOLDFAST_IO}.sock`)
    const server = net.createServer()
    await once(server.listen(place), 'listening')
    const client = net.connect(place)
    try {
      await once(client, 'connect')
      const error = thrownBy(() => tuneSocket(client, policy))
      expect(error).toMatchObject({ code: 'ERR_HOLDFAST_SOCKET' })
      expect(error.message).toContain('no connected TCP socket')
    } finally {
      client.destroy()
      server.close()
    }
  })

  test('one whose peer has reset it', async () => {
    await using pair = await plain()
    // Nobody reads, so that Node has not noticed; the kernel has.
    pair.socket.pause()
    const closed = once(pair.client, 'close')
    pair.client.resetAndDestroy()
    await closed
    expect(thrownBy(() => tuneSocket(pair.socket, policy)).code).toBe('ERR_HOLDFAST_SOCKET')
  })
})

test.each([
  [null, 'ERR_HOLDFAST_OPTION_TYPE'],
  [{ _handle: { fd: 0 } }, 'ERR_HOLDFAST_OPTION_TYPE'],
  [net.createServer(), 'ERR_HOLDFAST_OPTION_TYPE'],
])('what is no socket is a wrong type: %o', (value, code) => {
  expect(thrownBy(() => tuneSocket(value as unknown as net.Socket, 'nat')).code).toBe(code)
})

test('a bad policy is refused before anything is set', async () => {
  await using pair = await plain()
  const before = kernelValues(fdOf(pair.socket))
  const values = { idleMs: 0, intervalMs: 1_000, count: 2 }
  expect(thrownBy(() => tuneSocket(pair.socket, values)).code).toBe('ERR_HOLDFAST_OPTION_RANGE')
  expect(kernelValues(fdOf(pair.socket))).toEqual(before)
  // It is a mistake of the program whatever became of the socket.
  pair.socket.destroy()
  expect(thrownBy(() => tuneSocket(pair.socket, values)).code).toBe('ERR_HOLDFAST_OPTION_RANGE')
})
