import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { digest, pattern } from '../support/bytes.js'
import { type Client, connectClient } from '../support/client.js'
import { deafen } from '../support/dead-peer.js'
import { Child, root, WELL } from '../support/process-child.js'
import { atTestEnd } from '../support/process-scope.js'
import { Strace, straceMissing } from '../support/process-strace.js'
import { until } from '../support/wait.js'

// Each example as a user runs it: a process of its own and real clients. These do not depend on the
// Io under test and run once.

const MIB = 1024 * 1024

const missing = await straceMissing()

interface Running {
  child: Child
  port: number
}

async function run(example: string, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const child = new Child(['--import', 'tsx', path.join('examples', example)], { env })
  const ready = await child.line()
  expect(ready).toMatch(/^listening on 127\.0\.0\.1:\d+$/)
  return { child, port: Number(ready.split(':').at(-1)) }
}

async function dial(port: number): Promise<Client> {
  const client = await connectClient(port)
  atTestEnd(() => client.destroy())
  return client
}

/** Exactly this comes next. */
async function hear(client: Client, text: string): Promise<void> {
  expect((await client.read(Buffer.byteLength(text))).toString()).toBe(text)
}

it('examples/README.md lists every example', () => {
  const files = readdirSync(path.join(root, 'examples')).filter((name) => name !== 'README.md')
  const listed = readFileSync(path.join(root, 'examples/README.md'), 'utf8')
  expect(files.filter((name) => !listed.includes(`(${name})`))).toEqual([])
})

describe('echo.mjs', () => {
  it('sends back what it receives, and says how the connection ended', async () => {
    const { child, port } = await run('echo.mjs')
    const client = await dial(port)
    const sent = pattern(4 * MIB, 1)
    client.end(sent)
    expect(digest(await client.rest())).toBe(digest(sent))
    expect(await child.line()).toBe(`peer-end: ${sent.length} bytes in, ${sent.length} bytes out`)
  })
})

describe('chat-room.ts', () => {
  it('tells everybody who comes, what is said and who leaves', async () => {
    const { child, port } = await run('chat-room.ts')
    const ada = await dial(port)
    await hear(ada, 'your name?\n')
    ada.write('Ada\n')
    await hear(ada, '* Ada joined, 1 here\n')
    const bob = await dial(port)
    await hear(bob, 'your name?\n')
    bob.write('Bo')
    bob.write('b\nhello, ')
    for (const client of [ada, bob]) {
      await hear(client, '* Bob joined, 2 here\n')
    }
    bob.write('Ada \u{1F44B}\n')
    for (const client of [ada, bob]) {
      await hear(client, 'Bob: hello, Ada \u{1F44B}\n')
    }
    bob.reset()
    await hear(ada, '* Bob left (peer-reset), 1 here\n')
    child.kill('SIGTERM')
    expect((await ada.rest()).length).toBe(0)
    ada.end()
    expect(await child.ended).toMatchObject(WELL)
  })

  it.skipIf(missing !== '')('tells each member the lines of a chunk by one send', async () => {
    const { child, port } = await run('chat-room.ts')
    const [ada, bob] = [await dial(port), await dial(port)]
    ada.write('Ada\n')
    await hear(ada, 'your name?\n* Ada joined, 1 here\n')
    bob.write('Bob\n')
    await hear(ada, '* Bob joined, 2 here\n')
    await hear(bob, 'your name?\n* Bob joined, 2 here\n')
    const strace = await Strace.attach(child.pid, { everyThread: false })
    bob.write('hi\n'.repeat(1_000))
    for (const client of [ada, bob]) {
      await hear(client, 'Bob: hi\n'.repeat(1_000))
    }
    const calls = await strace.detach()
    expect(calls.filter(({ text }) => text.includes('"Bob: hi'))).toHaveLength(2)
  })

  it('ends who sends a line without end, and nobody else', async () => {
    const { port } = await run('chat-room.ts')
    const [ada, bob] = [await dial(port), await dial(port)]
    ada.write('Ada\n')
    await hear(ada, 'your name?\n* Ada joined, 1 here\n')
    bob.write('Bob\n')
    await hear(ada, '* Bob joined, 2 here\n')
    bob.write('x'.repeat(5_000))
    await hear(ada, '* Bob left (protocol-error), 1 here\n')
  })
})

describe('presence.ts', () => {
  it('lists the devices whose connection is open, and reports the time to them', async () => {
    const { port } = await run('presence.ts')
    const [visitor, lamp, door] = [await dial(port), await dial(port), await dial(port)]
    const who = async (answer: string) => {
      visitor.write('who\n')
      await hear(visitor, `here: ${answer}\n`)
    }
    await who('nobody')
    lamp.write('i am lamp\n')
    await hear(lamp, 'you are lamp\n')
    expect((await lamp.read(30)).toString()).toMatch(/^time \d{4}-\d\d-\d\dT[\d:.]{12}Z\n$/)
    await who('lamp')
    door.write('i am door\nwho\n')
    await hear(door, 'you are door\nhere: lamp door\n')
    door.end()
    await door.rest()
    await who('lamp')
  })

  it('a device that comes back replaces its own past', async () => {
    const { port } = await run('presence.ts')
    const [visitor, past, lamp] = [await dial(port), await dial(port), await dial(port)]
    past.write('i am lamp\nwho\n')
    await hear(past, 'you are lamp\nhere: lamp\n')
    lamp.write('i am lamp\nwho\n')
    await past.untilOver()
    await hear(lamp, 'you are lamp\nhere: lamp\n')
    visitor.write('who\n')
    await hear(visitor, 'here: lamp\n')
  })

  it('a device that does not answer ping is gone, one that does is kept', async () => {
    const { port } = await run('presence.ts', { HEARTBEAT_MS: '1000' })
    const [stuck, lamp] = [await dial(port), await dial(port)]
    stuck.write('i am stuck\n')
    await hear(stuck, 'you are stuck\n')
    lamp.write('i am lamp\n')
    await hear(lamp, 'you are lamp\n')
    let heard = ''
    let pings = 0
    lamp.socket.on('data', (text) => {
      heard += text
      for (; pings < heard.split('ping\n').length - 1; pings++) lamp.write('pong\nwho\n')
    })
    expect(String(await stuck.untilOver())).toMatch(/ping\n/)
    await until(() => heard.includes('here: lamp\n'), 'the lamp is there alone')
  })
})

describe('proxy.ts', () => {
  /** A proxy, a client, and the socket on which the upstream server received it. */
  async function proxied(): Promise<{ client: Client; upstream: net.Socket }> {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true })
    atTestEnd(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port: upstreamPort } = server.address() as net.AddressInfo
    const { port } = await run('proxy.ts', { UPSTREAM: `127.0.0.1:${upstreamPort}` })
    const arrived = once(server, 'connection')
    const client = await dial(port)
    const [upstream] = (await arrived) as [net.Socket]
    upstream.on('error', () => {})
    atTestEnd(() => upstream.destroy())
    return { client, upstream }
  }

  /** Writes as fast as `socket` takes it. Returns how much it has taken so far. */
  function pour(socket: net.Socket, bytes: Buffer): () => number {
    let at = 0
    const more = () => {
      let room = true
      while (room && at < bytes.length) {
        const piece = bytes.subarray(at, at + 65_536)
        at += piece.length
        room = socket.write(piece)
      }
      if (at === bytes.length) {
        socket.off('drain', more).end()
      }
    }
    socket.on('drain', more)
    more()
    return () => at
  }

  /** The sender has come to a halt although it has more. */
  async function halted(taken: () => number, total: number): Promise<void> {
    let [before, since] = [-1, 0]
    await until(() => {
      if (taken() !== before) {
        before = taken()
        since = performance.now()
      }
      return performance.now() - since > 300
    }, 'the sender halts')
    expect(taken()).toBeGreaterThan(0)
    expect(taken()).toBeLessThan(total)
  }

  it('a client that does not read halts the upstream server, and loses nothing', async () => {
    const { client, upstream } = await proxied()
    const sent = pattern(64 * MIB, 2)
    await halted(pour(upstream, sent), sent.length)
    expect(digest(await client.rest())).toBe(digest(sent))
  })

  it('an upstream server that does not read halts the client, and loses nothing', async () => {
    const { client, upstream } = await proxied()
    const sent = pattern(64 * MIB, 3)
    await halted(pour(client.socket, sent), sent.length)
    const received: Buffer[] = []
    upstream.on('data', (chunk) => received.push(chunk)).resume()
    await once(upstream, 'end')
    expect(digest(Buffer.concat(received))).toBe(digest(sent))
    // The client has ended and still receives.
    upstream.end('thank you')
    expect((await client.rest()).toString()).toBe('thank you')
  })

  it('a reset of one side resets the other', async () => {
    const first = await proxied()
    first.upstream.resetAndDestroy()
    await first.client.untilOver()
    expect(first.client.error?.code).toBe('ECONNRESET')
    const second = await proxied()
    const failed = once(second.upstream.resume(), 'error')
    second.client.reset()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  it('what the client sent arrives although the upstream server has ended before', async () => {
    const { client, upstream } = await proxied()
    const sent = pattern(16 * MIB, 4)
    upstream.end('no questions?')
    client.end(sent)
    expect((await client.rest()).toString()).toBe('no questions?')
    const received: Buffer[] = []
    upstream.on('data', (chunk) => received.push(chunk)).resume()
    await once(upstream, 'end')
    expect(digest(Buffer.concat(received))).toBe(digest(sent))
  })
})

describe('tune-http.ts', () => {
  it('finds out that a peer has gone of which nothing is heard, and keeps the one that is there', async () => {
    const { child, port } = await run('tune-http.ts', { WITHIN_MS: '3000' })
    const [dead, live] = [await dial(port), await dial(port)]
    for (const client of [dead, live]) {
      expect(await child.line()).toMatch(
        new RegExp(`^${client.port} came: detection 3000 ms, user timeout \\d+ ms$`),
      )
      client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
      let text = ''
      while (!text.includes('you are one of')) {
        text += (await client.read(1)).toString()
      }
      expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    }
    await deafen(dead.socket)
    expect(await child.line()).toBe(`${dead.port}: ETIMEDOUT`)
    expect(await child.line()).toBe(`${dead.port} gone, 1 left`)
  })
})

describe('dead-peer.ts', () => {
  it('shows a keepalive timeout and a send timeout', async () => {
    const { child } = await run('dead-peer.ts')
    expect(await child.ended).toMatchObject(WELL)
    const ends = child.lines.slice(1).sort()
    expect(ends).toHaveLength(2)
    expect(ends[0]).toMatch(/^keepalive-timeout \(ETIMEDOUT\) after .* decided by the kernel$/)
    expect(ends[1]).toMatch(/^send-timeout \(ETIMEDOUT\) after .* by the liveness-clock$/)
    for (const line of ends) {
      // 3 s, the kernel's timers are up to 3 % late, and a busy machine is later.
      expect(Number(/after (\d+) ms/.exec(line)?.[1])).toBeLessThan(4_150)
    }
  })
})
