import { type Child, figure } from '../harness/child.js'
import type { Contestant } from '../harness/contestants.js'
import * as contestants from '../harness/contestants.js'
import { writingNodeNet, writingRawEpoll } from '../harness/contestants-accept.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { startLoad, windowFigures } from '../harness/load.js'
import { interleave, together } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

const connections = 10_000
const quickConnections = 200
/** What fills a socket's buffer, and a line of a chat. */
const messageBytes = 65_536
const lineBytes = 64
/** Messages of each contestant in a round, and one before them that is not counted. */
const messagesPerRound = 4

const dialsPerSecond = 10_000
const loadTimeoutMs = 60_000
/** The kernel makes its least value of it, some 2 KiB. */
const leastReceiveBytes = 1
const ethernetSegmentBytes = 1460

const sizeOf = (quick: boolean) => (quick ? quickConnections : connections)
const names = {
  read: (count: number) => `${count} that read`,
  readLine: (count: number) => `${count} that read, ${lineBytes} bytes`,
  neverRead: (count: number) => `${count} that never read`,
}

/** They do not count what their queues hold. */
const loops = new Set([writingRawEpoll, writingNodeNet])

/** One message to all: server.broadcast() against a write() to each. */
export const broadcast: TurnsBench = {
  name: 'broadcast',
  title: 'One message to 10,000 connections',
  contestants: [
    writingRawEpoll,
    writingNodeNet,
    contestants.writingEpoll,
    contestants.broadcastingEpoll,
    contestants.writingUv,
    contestants.broadcastingUv,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/connection', digits: 0, relative: true },
    { figure: 'lastMs', title: 'last one has heard after ms', digits: 0, relative: true },
    { figure: 'perSecond', title: 'connections/s', digits: 0 },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'loadBusy', title: 'load busy', digits: 2 },
    { figure: 'heldBytes', title: 'held bytes/connection', digits: 1 },
    { figure: 'residentBytes', title: 'RSS bytes/connection', digits: 1 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  requirements(quick) {
    const count = sizeOf(quick)
    // The servers of those that read are there at the same time.
    const all = needsOfCrowd(count, broadcast.contestants.length * count)
    return [
      { scenario: names.read(count), needs: all },
      { scenario: names.readLine(count), needs: all },
      { scenario: names.neverRead(count), needs: needsOfCrowd(count) },
    ]
  },
  async measureRound(taking, round, context) {
    const count = sizeOf(context.quick)
    const queueing = taking.filter((contestant) => !loops.has(contestant))
    const where = (scenario: string, step: () => Promise<void>) =>
      context.runs('broadcast', scenario) ? [step] : []
    const steps = [
      ...where(names.read(count), () =>
        hear(taking, round, context, { count, bytes: messageBytes }),
      ),
      ...where(names.readLine(count), () =>
        hear(taking, round, context, { count, bytes: lineBytes }),
      ),
      ...queueing.flatMap((contestant) =>
        where(names.neverRead(count), () => keep(contestant, round, context, count)),
      ),
    ]
    // Where nothing is measured, side by side.
    if (context.quick) await together(steps.map((step) => step()))
    else for (const step of steps) await step()
  },
}

interface Audience {
  readonly count: number
  readonly bytes: number
}

/** Clients that read: each byte verified, and counted until the last has heard it all. */
async function hear(
  taking: readonly Contestant[],
  round: number,
  context: Context,
  audience: Audience,
): Promise<void> {
  const { count, bytes } = audience
  const options = { cores: context.cores, scriptArguments: ['--bytes', String(bytes)] }
  await Server.withAll(taking, options, async (servers) => {
    const listening: Child[] = []
    try {
      for (const [at, server] of servers.entries()) {
        const clients = startLoad(context.cores, 'hear', {
          port: server.port,
          connections: count,
          'source-net': 1 + at,
          'clock-pid': server.pid,
          'hear-bytes': bytes,
          'dials-per-second': dialsPerSecond,
        })
        listening.push(clients)
        await clients.next('held', loadTimeoutMs)
        await server.reaches(count, 0)
      }
      const windows: Record<string, number>[][] = taking.map(() => [])
      await interleave(
        1 + (context.quick ? 1 : messagesPerRound),
        [...taking.keys()],
        async (at) => {
          windows[at]?.push(await sendOnce(servers[at] as Server, listening[at] as Child, audience))
        },
      )
      for (const [at, { name }] of taking.entries()) {
        context.samples.add({
          bench: 'broadcast',
          scenario: bytes === messageBytes ? names.read(count) : names.readLine(count),
          parameters: { connections: count, messageBytes: bytes },
          contestant: name,
          round,
          figures: figureMedians((windows[at] ?? []).slice(1)),
        })
      }
    } finally {
      for (const clients of listening) await clients.end()
    }
  })
}

async function sendOnce(
  server: Server,
  clients: Child,
  { count, bytes }: Audience,
): Promise<Record<string, number>> {
  clients.say('hear')
  await clients.next('hearing', loadTimeoutMs)
  await server.ask('send', 'sent', loadTimeoutMs)
  const heard = await clients.next('heard', loadTimeoutMs)
  const received = figure(heard, 'receivedBytes')
  if (received !== count * bytes) throw new Error(`${received} bytes were heard`)
  return { ...windowFigures(heard), lastMs: figure(heard, 'wallNs') / 1e6 }
}

/** Clients that never read, behind full buffers: what the queues hold for one more message. */
async function keep(
  contestant: Contestant,
  round: number,
  { cores, samples }: Context,
  count: number,
): Promise<void> {
  const scriptArguments = ['--bytes', String(messageBytes)]
  await Server.with(contestant, { cores, scriptArguments }, async (server) => {
    const clients = startLoad(cores, 'silent', {
      port: server.port,
      connections: count,
      'source-net': 1,
      'clock-pid': server.pid,
      'dials-per-second': dialsPerSecond,
      'receive-buffer-bytes': leastReceiveBytes,
      'segment-bytes': ethernetSegmentBytes,
    })
    try {
      await clients.next('held', loadTimeoutMs)
      await server.reaches(count, 0)
      await server.ask('fill', 'filled', loadTimeoutMs)
      const sent = await server.ask('send', 'sent', loadTimeoutMs)
      const heldBytes = figure(sent, 'heldBytes') / count
      const shares = contestant.name.startsWith('broadcast')
      // The rest of a block that was there before may take the first of them.
      const copied = messageBytes - 4096
      if (shares ? heldBytes > 100 + messageBytes / count : heldBytes < copied) {
        throw new Error(`${heldBytes} bytes are held for each connection`)
      }
      samples.add({
        bench: 'broadcast',
        scenario: names.neverRead(count),
        contestant: contestant.name,
        round,
        figures: { heldBytes, residentBytes: figure(sent, 'residentBytes') / count },
      })
    } finally {
      await clients.end()
    }
  })
}
