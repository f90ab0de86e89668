import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Child, Message } from '../harness/child.js'
import type { Contestant } from '../harness/contestants.js'
import * as contestants from '../harness/contestants.js'
import type { Context, SerialBench } from '../harness/context.js'
import { pinned } from '../harness/cores.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { startLoad } from '../harness/load.js'
import { rootDirectory } from '../harness/paths.js'
import { Server } from '../harness/server.js'
import { summarize } from '../harness/statistics.js'

const run = promisify(execFile)

/** How the connections are spread: processes on one port, and what each of them holds. */
interface Spread {
  readonly processes: number
  readonly connections: number
}

// Under the 20,000 descriptors of a process.
const spreads: readonly Spread[] = [
  { processes: 1, connections: 19_000 },
  { processes: 6, connections: 100_000 },
]
const quickSpreads: readonly Spread[] = [{ processes: 2, connections: 1_000 }]

const spreadsOf = (quick: boolean) => (quick ? quickSpreads : spreads)
const nameOf = ({ connections, processes }: Spread) =>
  `${connections} on one port, processes: ${processes}`

const dialTimeoutMs = 120_000
const listingBytesMax = 256 * 1024 * 1024

/** What it takes to look at all connections: server.inspect(), and the command for any process's. */
export const inspection: SerialBench = {
  name: 'inspect',
  title: 'Looking at many connections',
  contestants: [contestants.holdfastEpoll, contestants.holdfastUv],
  columns: [
    { figure: 'wallMs', title: 'inspect() ms', digits: 1 },
    { figure: 'cpuMs', title: 'its CPU ms', digits: 1 },
    { figure: 'commandMs', title: 'holdfast inspect ms', digits: 0 },
  ],
  requirements: (quick) =>
    spreadsOf(quick).map((spread) => ({
      scenario: nameOf(spread),
      // The kernel deals them out by chance: never a tenth more than its share.
      needs: needsOfCrowd(
        Math.ceil((spread.connections / spread.processes) * (spread.processes > 1 ? 1.1 : 1)),
        spread.connections,
      ),
    })),
  async measure(contestant, round, context) {
    for (const spread of spreadsOf(context.quick)) {
      if (!context.runs('inspect', nameOf(spread))) continue
      await withServers(contestant, context, spread, async (servers) => {
        const first = servers[0] as Server
        const { wallMs, cpuMs } = (await first.ask('inspect', 'inspected')) as Inspected
        context.samples.add({
          bench: 'inspect',
          scenario: nameOf(spread),
          contestant: contestant.name,
          round,
          figures: {
            wallMs: summarize(wallMs).median,
            cpuMs: summarize(cpuMs).median,
            commandMs: await timeCommand(first.port, spread.connections, context),
          },
        })
      })
    }
  },
}

type Inspected = Message & { readonly wallMs: number[]; readonly cpuMs: number[] }

/** Servers that share one port, and clients that hold connections to it. */
async function withServers(
  contestant: Contestant,
  context: Context,
  spread: Spread,
  use: (servers: readonly Server[]) => Promise<void>,
  servers: readonly Server[] = [],
): Promise<void> {
  if (servers.length === spread.processes) return holding(context, spread, servers, use)
  const { cores } = context
  const scriptArguments = ['--port', String(servers[0]?.port ?? 0), '--reuse-port']
  await Server.with(contestant, { cores, scriptArguments }, (next) =>
    withServers(contestant, context, spread, use, [...servers, next]),
  )
}

async function holding(
  { cores }: Context,
  { processes, connections }: Spread,
  servers: readonly Server[],
  use: (servers: readonly Server[]) => Promise<void>,
): Promise<void> {
  const clients: Child[] = []
  // One more client than servers, for a client holds descriptors besides its connections.
  const share = Math.ceil(connections / (processes + 1))
  const port = (servers[0] as Server).port
  try {
    for (let first = 0; first < connections; first += share) {
      const held = Math.min(share, connections - first)
      const options = { port, connections: held, 'source-net': 1 + clients.length }
      clients.push(startLoad(cores, 'hold', options))
    }
    for (const client of clients) await client.next('held', dialTimeoutMs)
    await allAccepted(servers, connections)
    await use(servers)
  } finally {
    for (const client of clients) await client.end()
  }
}

async function allAccepted(servers: readonly Server[], connections: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    let accepted = 0
    for (const server of servers) accepted += Number((await server.counters()).accepted)
    if (accepted === connections) return
  }
  throw new Error(`not all of ${connections} connections were accepted`)
}

/** The command as a user runs it, the start of Node included; each connection must be told. */
async function timeCommand(port: number, connections: number, { cores }: Context): Promise<number> {
  const [program = '', ...args] = pinned(cores.load, [
    process.execPath,
    join(rootDirectory, 'dist/cli/main.js'),
    ...['inspect', '--port', String(port), '--json'],
  ])
  const begin = performance.now()
  const { stdout } = await run(program, args, { maxBuffer: listingBytesMax })
  const commandMs = performance.now() - begin
  const told = stdout.split('\n').filter((line) => line.startsWith('{"event":"connection"')).length
  if (told !== connections) throw new Error(`${told} sockets listed, expected ${connections}`)
  return commandMs
}
