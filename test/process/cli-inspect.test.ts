import { once } from 'node:events'
import net from 'node:net'
import { describe, expect } from 'vitest'
import { type Client, connectClient } from '../support/client.js'
import { deafen } from '../support/dead-peer.js'
import { Child, io, WELL } from '../support/process-child.js'
import { atTestEnd, sideBySide, sideBySideFor } from '../support/process-scope.js'
import { Cli, holdfast, type JsonEvent, serving } from '../support/process-serve.js'
import { type WitnessedSocket, witness } from '../support/ss.js'

async function dial(port: number): Promise<Client> {
  const client = await connectClient(port)
  atTestEnd(() => client.destroy())
  return client
}

interface Inspected {
  byPort: Map<number, JsonEvent>
  summary: JsonEvent
}

async function inspected(port: number, ...args: string[]): Promise<Inspected> {
  const { stdout, ...ended } = await holdfast('inspect', '--port', `${port}`, '--json', ...args)
    .ended
  expect(ended).toEqual(WELL)
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonEvent)
  const summary = events.pop() as JsonEvent
  const byPort = new Map(events.map((event) => [event.remotePort as number, event]))
  expect(byPort.size).toBe(events.length)
  expect(summary).toMatchObject({ event: 'summary', port, connections: events.length })
  return { byPort, summary }
}

/** A server that sends to everybody as many bytes as it is told to by anybody. */
const TELLER = `
  import { listen } from './dist/index.js'
  const { address } = await listen({
    port: 0,
    io: '${io}',
    keepalive: { idleMs: 2000, intervalMs: 1000, count: 60 },
    handler: {
      open: () => console.log('open'),
      data: (teller, text) => {
        for (const conn of teller.server.connections) conn.write(Buffer.alloc(Number(text)))
      },
    },
  })
  console.log(address.port)
`

/** One peer of each kind, of a server in another process. */
async function menagerie(): Promise<{ port: number } & Record<Kind, Client>> {
  const child = new Child(['--input-type=module', '-e', TELLER])
  const port = Number(await child.line())
  const clients = await Promise.all(kinds.map(() => dial(port)))
  for (const _client of clients) {
    await child.line((line) => line === 'open')
  }
  const [idle, lost, closed] = clients as [Client, Client, Client]
  // Deaf before it is sent anything; `closed` reads nothing, so that its window closes.
  await deafen(lost.socket)
  idle.write(`${TOLD_BYTES}`)
  await idle.read(TOLD_BYTES)
  return { port, idle, lost, closed }
}

const TOLD_BYTES = 16 * 1024 * 1024

const kinds = ['idle', 'lost', 'closed'] as const
type Kind = (typeof kinds)[number]

async function untilSeen(
  port: number,
  seen: (sockets: Map<number, WitnessedSocket>) => boolean,
): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!seen(witness(port))) {
    expect(performance.now()).toBeLessThan(deadline)
    expect(performance.now()).toBeLessThan(deadline)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('holdfast inspect', () => {
  sideBySide(
    'says of the sockets of another process what ss says, and flags who is gone',
    async () => {
      const { port, idle, lost, closed } = await menagerie()
      await untilSeen(
        port,
        (sockets) =>
          (sockets.get(lost.port)?.unanswered ?? 0) >= 3 &&
          sockets.get(closed.port)?.timer === 'window-probe' &&
          // Probes are rare by now, and the last one is answered.
          (sockets.get(closed.port)?.expiresMs ?? 0) > 1_500 &&
          sockets.get(closed.port)?.unanswered === 0 &&
          sockets.get(idle.port)?.timer === 'keepalive',
      )
      const before = witness(port)
      const { byPort, summary } = await inspected(port)
      const after = witness(port)
      expect([...byPort.keys()].sort()).toEqual([...after.keys()].sort())
      for (const [remotePort, event] of byPort) {
        const first = before.get(remotePort) as WitnessedSocket
        const last = after.get(remotePort) as WitnessedSocket
        const { timer } = event as unknown as { timer: { kind: string; unanswered: number } }
        expect([first.timer, last.timer]).toEqual([timer.kind, timer.kind])
        expect(event.state).toBe('established')
      }
      const retransmissions = byPort.get(lost.port)?.timer as { unanswered: number }
      expect(retransmissions.unanswered).toBeGreaterThanOrEqual(
        before.get(lost.port)?.unanswered ?? 9,
      )
      expect(retransmissions.unanswered).toBeLessThanOrEqual(after.get(lost.port)?.unanswered ?? 0)
      expect(byPort.get(lost.port)?.silentMs).toBeGreaterThanOrEqual(
        before.get(lost.port)?.lastAckMs ?? Number.NaN,
      )
      expect(byPort.get(lost.port)?.silentMs).toBeLessThanOrEqual(
        after.get(lost.port)?.lastAckMs ?? Number.NaN,
      )
      const suspects = [...byPort.values()].filter(
        ({ suspect }) => (suspect as string[]).length > 0,
      )
      expect(suspects.map(({ remotePort }) => remotePort)).toEqual([lost.port])
      expect(byPort.get(lost.port)?.suspect).toMatchObject([
        expect.stringMatching(/^retransmitted/),
      ])
      expect(summary.suspects).toBe(1)
      expect(byPort.get(idle.port)?.keepalive).toBe('armed')
      expect(byPort.get(lost.port)?.keepalive).toBe('hidden')
      expect(byPort.get(closed.port)?.keepalive).toBe('hidden')
    },
  )

  sideBySide('flags a silent peer of a server that has no keepalive, with the reason', async () => {
    const server = net.createServer((socket) => socket.on('error', () => {}))
    atTestEnd(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as net.AddressInfo
    const client = await dial(port)
    await untilSeen(port, (sockets) => (sockets.get(client.port)?.lastAckMs ?? 0) > 300)
    const { byPort } = await inspected(port, '--suspect-after', '200ms')
    expect(byPort.get(client.port)).toMatchObject({
      keepalive: 'not armed',
      timer: { kind: 'none', expiresMs: 0 },
      suspect: [expect.stringMatching(/^no keepalive armed and silent for \d+\.\d s$/)],
    })
    // The control: by the default bound nobody is suspect.
    expect((await inspected(port)).summary.suspects).toBe(0)
  })

  sideBySide('prints a table, and leaves out the listener', async () => {
    const { port } = await serving('--quiet')
    const client = await dial(port)
    const { stdout, ...ended } = await holdfast('inspect', '--port', `${port}`).ended
    expect(ended).toEqual(WELL)
    const [head = '', row = '', count = '', ...rest] = stdout.split('\n')
    expect(head).toMatch(
      /^REMOTE +STATE +KEEPALIVE +TIMER +HEARD +UNACKED +NOT SENT +RTT +SUSPECT$/,
    )
    expect(row).toMatch(
      new RegExp(`^127\\.0\\.0\\.1:${client.port} +established +armed +keepalive in [\\d.]+ s `),
    )
    expect(count).toBe(`1 connection on local port ${port}, 0 suspects`)
    expect(rest).toEqual([''])
  })

  sideBySide(
    'a port that nobody is connected to: it may be the wrong one, and that is no error',
    async () => {
      // Its listener keeps the port for the test, and is not listed.
      const { port } = await serving('--quiet')
      const { stdout, ...ended } = await holdfast('inspect', '--port', `${port}`).ended
      expect(ended).toEqual(WELL)
      expect(stdout).toBe(
        `no connection found on local port ${port}: nobody is connected to it, or it is the wrong port\n`,
      )
      const { summary } = await inspected(port)
      expect(summary).toEqual({ event: 'summary', port, connections: 0, suspects: 0 })
    },
  )

  sideBySide('one clear line where the system lists no sockets', async () => {
    const env = {
      HOLDFAST_ADDON: 'test/support/no-sock-diag.cjs',
      HOLDFAST_REAL_ADDON: process.env.HOLDFAST_ADDON,
    }
    const { stdout, stderr, code } = await new Cli(['inspect', '--port', '1'], { env }).ended
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
    expect(stderr).toMatch(/^holdfast: this system does not list its sockets: .*ENOENT[^\n]*\n$/)
  })

  sideBySideFor<[string[], string[]]>(
    [
      [[], ['--port', '1 to 65535']],
      [
        ['--port', '0'],
        ['--port', '"0"', '1 to 65535'],
      ],
      [
        ['--prot', '80'],
        ['--prot', '--port', '--suspect-after'],
      ],
      [
        ['--port', '80', '--suspect-after', '120'],
        ['--suspect-after', '"120"', '40s'],
      ],
    ],
    'a bad option exits 2 and says what is allowed: %s',
    async ([args, words]) => {
      const { stdout, stderr, code } = await holdfast('inspect', ...args).ended
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
      expect(stderr).toMatch(/^holdfast: [^\n]+\n$/)
      for (const word of words) {
        expect(stderr).toContain(word)
      }
    },
  )
})
