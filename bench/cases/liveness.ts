import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, figure, type Message } from '../harness/child.js'
import { countDroppedSegments, foreignCores, readClocks } from '../harness/clocks.js'
import type { Contestant } from '../harness/contestants.js'
import * as contestants from '../harness/contestants.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { startLoad } from '../harness/load.js'
import { Server } from '../harness/server.js'
import { quantile } from '../harness/statistics.js'

/** What a run is made of; times in ms. */
interface Plan {
  readonly connections: number
  /** Idle, interval, count. */
  readonly policy: readonly [number, number, number]
  readonly detectionMs: number
  /** How long live peers are watched; four detection times and more unless it is a smoke run. */
  readonly watchMs: number
}

const fullPlan: Plan = {
  connections: 10_000,
  policy: [5_000, 1_000, 4],
  detectionMs: 9_000,
  watchMs: 37_000,
}
const quickPlan: Plan = {
  connections: 200,
  policy: [1_000, 1_000, 1],
  detectionMs: 2_000,
  watchMs: 2_500,
}

const loadTimeoutMs = 60_000
/** The kernel makes its least value of it, some 2 KiB. */
const leastReceiveBytes = 1
/** With loopback's segments of 64 KiB the kernel would hold 1.5 GB behind 10,000 closed windows. */
const ethernetSegmentBytes = 1460
const noEndings: Record<string, number> = {}

const planOf = (quick: boolean) => (quick ? quickPlan : fullPlan)
const names = {
  slow: ({ connections }: Plan) => `${connections} slow readers`,
  closed: ({ connections }: Plan) => `${connections} gone, windows closed`,
  inFlight: ({ connections }: Plan) => `${connections} gone, data in flight`,
}

/** The liveness clock: what it costs while peers live, and when it ends the ones that are gone. */
export const liveness: TurnsBench = {
  name: 'liveness',
  title: 'The liveness clock at 10,000 connections',
  contestants: [
    contestants.watchingEpoll,
    contestants.unwatchedEpoll,
    contestants.watchingUv,
    contestants.unwatchedUv,
  ],
  columns: [
    { figure: 'cpuPercent', title: 'CPU % of a core', digits: 3 },
    { figure: 'cpuUs', title: 'µs/connection/detection', digits: 2 },
    { figure: 'probesPerSecond', title: 'window probes/s', digits: 0 },
    { figure: 'endedCount', title: 'ended', digits: 0 },
    { figure: 'p50Ms', title: 'found p50 ms', digits: 0 },
    { figure: 'p99Ms', title: 'p99', digits: 0 },
    { figure: 'maxMs', title: 'max', digits: 0 },
    { figure: 'stallMs', title: 'longest stall ms', digits: 0 },
    { figure: 'endingUs', title: 'CPU µs/ending', digits: 1 },
    { figure: 'droppedSegments', title: 'dropped on loopback', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  requirements: (quick) =>
    Object.values(names).map((nameOf) => ({
      scenario: nameOf(planOf(quick)),
      needs: needsOfCrowd(planOf(quick).connections),
    })),
  async measureRound(taking, round, context) {
    const plan = planOf(context.quick)
    // They need the same of the machine.
    if (!context.runs('liveness', names.slow(plan))) return
    const runs = taking.flatMap((contestant) => [
      () => slowReaders(contestant, round, context, plan),
      ...(isWatching(contestant) ? [() => dataInFlight(contestant, round, context, plan)] : []),
    ])
    // A smoke run asserts and judges no figure, so its scenarios may wait side by side.
    if (context.quick) await Promise.all(runs.map((run) => run()))
    else for (const run of runs) await run()
  },
}

function isWatching(contestant: Contestant): boolean {
  return contestant === contestants.watchingEpoll || contestant === contestants.watchingUv
}

/** Clients that never read: watched while they live, then made deaf behind their closed windows. */
async function slowReaders(contestant: Contestant, round: number, context: Context, plan: Plan) {
  await withClients(contestant, context, plan, leastReceiveBytes, async (server, clients) => {
    await server.ask('fill-slowly', 'filling')
    await settle(server, plan.connections)
    await expectOutstanding(server, plan.connections)
    const begin = await readClocks(clients)
    await sleep(plan.watchMs)
    const end = await readClocks(clients)
    const { endings } = await readEndings(server, noEndings)
    await expectOutstanding(server, plan.connections)
    const seconds = (end.wallNs - begin.wallNs) / 1e9
    const cpuNs = end.serverCpuNs - begin.serverCpuNs
    context.samples.add({
      bench: 'liveness',
      scenario: names.slow(plan),
      contestant: contestant.name,
      round,
      figures: {
        cpuPercent: cpuNs / 1e7 / seconds,
        cpuUs: ((cpuNs / 1e3 / plan.connections) * plan.detectionMs) / (seconds * 1000),
        probesPerSecond: (end.windowProbes - begin.windowProbes) / seconds,
        endedCount: endings.length,
        droppedSegments: end.droppedSegments - begin.droppedSegments,
        disturbance: foreignCores(begin, end),
      },
    })
    if (!isWatching(contestant)) return
    const figures = await vanish(server, clients, plan, context.quick)
    context.samples.add({
      bench: 'liveness',
      scenario: names.closed(plan),
      contestant: contestant.name,
      round,
      figures,
    })
  })
}

/** Clients that acknowledge what they are sent, then are made deaf and sent something more. */
async function dataInFlight(contestant: Contestant, round: number, context: Context, plan: Plan) {
  await withClients(contestant, context, plan, 0, async (server, clients) => {
    // The control: a push to peers that hear it ends nobody, and nothing stays outstanding.
    await server.ask('push-slowly', 'pushed')
    await sleep(context.quick ? plan.detectionMs : plan.detectionMs + 1000)
    await readEndings(server, noEndings)
    await expectOutstanding(server, 0)
    const figures = await vanish(server, clients, plan, context.quick, async () => {
      await server.ask('push', 'pushed')
      await expectOutstanding(server, plan.connections)
    })
    context.samples.add({
      bench: 'liveness',
      scenario: names.inFlight(plan),
      contestant: contestant.name,
      round,
      figures,
    })
  })
}

/** Makes every client deaf and waits until each was found: which must be all, in time, by name. */
async function vanish(
  server: Server,
  clients: Child,
  plan: Plan,
  quick: boolean,
  afterwards: () => Promise<void> = async () => {},
): Promise<Record<string, number>> {
  await server.ask('watch-the-loop', 'watching')
  const begin = await readClocks(clients)
  clients.say('deafen')
  const firstAtMs = figure(await clients.next('deaf', loadTimeoutMs), 'firstAtMs')
  await afterwards()
  // The clock's own bound: it looks by the reactor's timers, which no kernel rounds up by an eighth.
  const boundMs = plan.detectionMs * 1.05 + 1000
  // Asking the server costs it something: not before the first can have been found.
  await sleep(plan.detectionMs)
  await server.reaches(plan.connections, plan.connections, boundMs + 10_000)
  const end = await readClocks(clients)
  const { endings, stallMs } = await readEndings(server, {
    'send-timeout by liveness-clock': plan.connections,
  })
  const foundMs = endings.map(({ atMs }) => atMs - firstAtMs).sort((a, b) => a - b)
  const maxMs = quantile(foundMs, 1)
  const early = endings.filter(({ detectedMs }) => (detectedMs ?? 0) < plan.detectionMs).length
  if (early > 0) throw new Error(`${early} were given up before the detection time had passed`)
  if (quick && maxMs > boundMs) throw new Error(`found after ${maxMs} ms, promised ${boundMs}`)
  return {
    endedCount: endings.length,
    p50Ms: quantile(foundMs, 0.5),
    p99Ms: quantile(foundMs, 0.99),
    maxMs,
    stallMs,
    endingUs: (end.serverCpuNs - begin.serverCpuNs) / 1e3 / plan.connections,
  }
}

async function withClients(
  contestant: Contestant,
  { cores }: Context,
  plan: Plan,
  receiveBytes: number,
  use: (server: Server, clients: Child) => Promise<void>,
): Promise<void> {
  const watch = isWatching(contestant) ? ['--keepalive', plan.policy.join()] : []
  await Server.with(contestant, { cores, scriptArguments: watch }, async (server) => {
    const clients = startLoad(cores, 'silent', {
      port: server.port,
      connections: plan.connections,
      'source-net': 1,
      'clock-pid': server.pid,
      'receive-buffer-bytes': receiveBytes,
      'segment-bytes': ethernetSegmentBytes,
    })
    try {
      await clients.next('held', loadTimeoutMs)
      await server.reaches(plan.connections, 0)
      await use(server, clients)
    } finally {
      await clients.end()
    }
  })
}

/** Waits until every write was refused and no window has let anything through for half a second. */
async function settle(server: Server, connections: number): Promise<void> {
  let drained = -1
  for (const deadline = Date.now() + loadTimeoutMs; Date.now() < deadline; ) {
    const counters = await server.counters()
    const before = drained
    drained = figure(counters, 'drained')
    if (figure(counters, 'blocked') === connections && drained === before) return
    await sleep(500)
  }
  throw new Error('the windows did not close')
}

/** How many connections have something unsent or unacknowledged, as the kernel counts it. */
async function expectOutstanding(server: Server, expected: number): Promise<void> {
  const outstanding = figure(await server.ask('survey', 'survey'), 'outstanding')
  if (outstanding === expected) return
  throw new Error(`${outstanding} connections have something outstanding, expected ${expected}`)
}

interface Ending {
  readonly atMs: number
  readonly detectedMs: number | null
  readonly how: string
}

interface Endings {
  readonly endings: readonly Ending[]
  readonly stallMs: number
}

/** What has ended since the last time; throws unless it is exactly so many of each kind. */
async function readEndings(server: Server, expected: Record<string, number>): Promise<Endings> {
  const answer = (await server.ask('endings', 'endings')) as Message & Endings
  const counts: Record<string, number> = {}
  for (const { how } of answer.endings) counts[how] = (counts[how] ?? 0) + 1
  if (JSON.stringify(counts) === JSON.stringify(expected)) return answer
  throw new Error(
    `endings: ${JSON.stringify(counts)}, expected ${JSON.stringify(expected)}; loopback has dropped ${countDroppedSegments()} segments since it is up`,
  )
}
