import { type Child, figure } from '../harness/child.js'
import type { Contestant } from '../harness/contestants.js'
import * as contestants from '../harness/contestants.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { startLoad, windowFigures } from '../harness/load.js'
import { interleave } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

const connections = 10_000
const quickConnections = 200
const messageBytes = 65_536
/** Messages of each contestant in a round, and one before them that is not counted. */
const messagesPerRound = 6

const loadTimeoutMs = 60_000
/** The kernel makes its least value of it, some 2 KiB. */
const leastReceiveBytes = 1
const ethernetSegmentBytes = 1460

/** One message to all: server.broadcast() against a write() to each. */
export const broadcast: TurnsBench = {
  name: 'broadcast',
  title: 'One message to 10,000 connections',
  contestants: [
    contestants.writingEpoll,
    contestants.broadcastingEpoll,
    contestants.writingUv,
    contestants.broadcastingUv,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/connection', digits: 0, relative: true },
    { figure: 'perSecond', title: 'connections/s', digits: 0, relative: true },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'loadBusy', title: 'load busy', digits: 2 },
    { figure: 'heldBytes', title: 'held bytes/connection', digits: 1 },
    { figure: 'residentBytes', title: 'RSS bytes/connection', digits: 1 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measureRound(taking, round, context) {
    const count = context.quick ? quickConnections : connections
    await hear(taking, round, context, count)
    for (const contestant of taking) await keep(contestant, round, context, count)
  },
}

/** Clients that read: each byte verified, and counted until the last has heard it all. */
async function hear(
  taking: readonly Contestant[],
  round: number,
  context: Context,
  count: number,
): Promise<void> {
  const options = { cores: context.cores, scriptArguments: ['--bytes', String(messageBytes)] }
  await Server.withAll(taking, options, async (servers) => {
    const audiences: Child[] = []
    try {
      for (const [at, server] of servers.entries()) {
        const audience = startLoad(context.cores, 'hear', {
          port: server.port,
          connections: count,
          'source-net': 1 + at,
          'clock-pid': server.pid,
          'hear-bytes': messageBytes,
        })
        audiences.push(audience)
        await audience.next('held', loadTimeoutMs)
        await server.reaches(count, 0)
      }
      const windows: Record<string, number>[][] = taking.map(() => [])
      await interleave(
        1 + (context.quick ? 1 : messagesPerRound),
        [...taking.keys()],
        async (at) => {
          windows[at]?.push(await sendOnce(servers[at] as Server, audiences[at] as Child, count))
        },
      )
      for (const [at, { name }] of taking.entries()) {
        context.samples.add({
          bench: 'broadcast',
          scenario: `${count} that read`,
          contestant: name,
          round,
          figures: figureMedians((windows[at] ?? []).slice(1)),
        })
      }
    } finally {
      for (const audience of audiences) await audience.end()
    }
  })
}

async function sendOnce(
  server: Server,
  audience: Child,
  count: number,
): Promise<Record<string, number>> {
  audience.say('hear')
  await audience.next('hearing', loadTimeoutMs)
  await server.ask('send', 'sent', loadTimeoutMs)
  const heard = await audience.next('heard', loadTimeoutMs)
  const received = figure(heard, 'receivedBytes')
  if (received !== count * messageBytes) throw new Error(`${received} bytes were heard`)
  return windowFigures(heard)
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
        scenario: `${count} that never read`,
        contestant: contestant.name,
        round,
        figures: { heldBytes, residentBytes: figure(sent, 'residentBytes') / count },
      })
    } finally {
      await clients.end()
    }
  })
}
