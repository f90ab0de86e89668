import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WELL } from '../support/process-child.js'
import { type Client, connect, connectMany, exchangeAll } from '../support/process-clients.js'
import { type Cli, serving, servingWith, stop } from '../support/process-serve.js'

/** A client that has heard the server's FIN and does not answer it. */
async function lingering(port: number, child: Cli, signal: NodeJS.Signals): Promise<Client> {
  const client = await connect(port)
  client.socket.allowHalfOpen = true
  await client.exchange('hello')
  child.kill(signal)
  await once(client.socket, 'end')
  return client
}

describe('signals to holdfast serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s drains and exits 0', async (signal) => {
    const { child, port } = await serving()
    const client = await lingering(port, child, signal)
    // Nobody new is let in, and who is there may finish.
    await expect(connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    client.socket.end('last words')
    expect(await child.event('disconnect')).toMatchObject({ reason: 'shutdown', bytesRead: 15 })
    expect(await child.ended).toMatchObject(WELL)
    expect(child.events.slice(-2).map(({ event }) => event)).toEqual(['stats', 'closed'])
  })

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('%s, then %s while draining, exits 1 at once', async (first, second) => {
    const { child, port } = await servingWith({ abrupt: true })
    await lingering(port, child, first)
    child.kill(second)
    expect(await child.ended).toMatchObject({ code: 1, signal: null, stderr: '' })
    expect(child.events.map(({ event }) => event)).not.toContain('closed')
  })

  it('SIGTERM with 1000 connections open ends each of them once', async () => {
    const { child, port } = await serving()
    const clients = await connectMany(port, 1000)
    await exchangeAll(clients)
    await stop(child)
    const ends = child.events.filter(({ event }) => event === 'disconnect')
    expect(new Set(ends.map(({ id }) => id)).size).toBe(1000)
    expect(new Set(ends.map(({ reason }) => reason))).toEqual(new Set(['shutdown']))
    expect(ends).toHaveLength(1000)
  })

  it('SIGUSR2 asks for stats, as often as one likes', async () => {
    const { child, port } = await serving('--quiet')
    child.kill('SIGUSR2')
    expect(await child.event('stats')).toMatchObject({ accepted: 0, open: 0 })
    const client = await connect(port)
    await client.exchange('hello')
    child.kill('SIGUSR2')
    expect(await child.event('stats')).toMatchObject({
      ...{ arrived: 1, accepted: 1, open: 1, bytesRead: 5, bytesWritten: 5 },
    })
    client.socket.end()
    await client.ended
    await stop(child)
  })
})

describe('what becomes of the output of holdfast serve', () => {
  it('a reader that goes away does not end the server', async () => {
    const { child, port } = await serving()
    child.process.stdout?.destroy()
    for (let round = 0; round < 20; round++) {
      const client = await connect(port)
      expect(await client.exchange('hello')).toBe('hello')
      client.socket.end()
      await client.ended
    }
    child.kill('SIGUSR2')
    const client = await connect(port)
    expect(await client.exchange('still there')).toBe('still there')
    client.socket.end()
    await client.ended
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
  })

  it('a reader of stderr that goes away does not end it either', async () => {
    const { child, port } = await serving('--keepalive', '1500/1000/2')
    child.process.stderr?.destroy()
    const client = await connect(port)
    expect(await client.exchange('hello')).toBe('hello')
    client.socket.end()
    await client.ended
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
  })

  it('a reader that does not read does not slow the server, and misses nothing', async () => {
    const { child, port } = await serving()
    child.process.stdout?.pause()
    // Some megabytes of events: far more than a pipe holds.
    for (let round = 0; round < 4; round++) {
      const clients = await connectMany(port, 500)
      await exchangeAll(clients)
      for (const { socket } of clients) {
        socket.end()
      }
      await Promise.all(clients.map((client) => client.ended))
    }
    child.kill('SIGTERM')
    child.process.stdout?.resume()
    expect(await child.ended).toMatchObject(WELL)
    expect(child.events).toHaveLength(1 + 2 * 2000 + 2)
  })
})
