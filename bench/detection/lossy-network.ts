import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, figure } from '../harness/child.js'
import { droppedSegmentsIn, probesIn } from '../harness/clocks.js'
import type { Contestant } from '../harness/contestants.js'
import type { Cores } from '../harness/cores.js'
import { startLoad } from '../harness/load.js'
import { Namespace } from '../harness/namespace.js'
import { Server } from '../harness/server.js'
import { type Ending, endingsOf, portsOf } from './policy-server.js'
import { countLosses, type LossCounts, loseSegments } from './random-loss.js'
import type { RiskyPolicy } from './risky-policies.js'

export interface LossyRun {
  readonly cores: Cores
  readonly contestants: readonly Contestant[]
  readonly policies: readonly RiskyPolicy[]
  readonly connectionsPerPolicy: number
  /** Chance that a segment is lost, each way. */
  readonly loss: number
  /** How long the probes are watched before any is lost, and how long afterwards; in ms. */
  readonly calmMs: number
  readonly lossyMs: number
}

/** What happened in one network; times of CLOCK_MONOTONIC in ms. */
export interface LossyOutcome {
  /** From one probe of a live connection to the next, the mean of all before any was lost. */
  readonly periodMs: number
  readonly lossyFromMs: number
  readonly segments: LossCounts
  /** By the queue of loopback: losses that nobody ordered. */
  readonly droppedSegments: number
  /** By contestant, in their order. */
  readonly endings: readonly (readonly Ending[])[]
}

const dialTimeoutMs = 30_000
/** All live policies ask once a second; dialled over one, they ask in all its phases. */
const dialMs = 1000

/** Servers and idle clients in a network of their own, which begins to lose what they send. */
export function watchInLossyNetwork(run: LossyRun): Promise<LossyOutcome> {
  const listeners = run.policies.map(({ keepalive, pushEveryMs }) => ({ keepalive, pushEveryMs }))
  const scriptArguments = ['--listeners', JSON.stringify(listeners)]
  return Namespace.with((namespace) => {
    const options = { cores: run.cores, scriptArguments, inside: namespace.inside }
    return Server.withAll(run.contestants, options, async (servers) => {
      const ports = (await Promise.all(servers.map(portsOf))).flat()
      const clients = ports.map((port, index) =>
        startLoad(
          // The kernel's timers ring where a connection was made: half of them on either core.
          index % 2 === 0 ? run.cores : { ...run.cores, load: run.cores.server },
          'vanish',
          {
            port,
            connections: run.connectionsPerPolicy,
            'dials-per-second': Math.max(10, run.connectionsPerPolicy / (dialMs / 1000)),
          },
          { inside: namespace.inside },
        ),
      )
      try {
        return await watch(run, namespace, servers, ports, clients)
      } finally {
        await Promise.all(clients.map((child) => child.end()))
      }
    })
  })
}

async function watch(
  { policies, connectionsPerPolicy, loss, calmMs, lossyMs }: LossyRun,
  namespace: Namespace,
  servers: readonly Server[],
  ports: readonly number[],
  clients: readonly Child[],
): Promise<LossyOutcome> {
  for (const child of clients) await child.next('held', dialTimeoutMs)
  const held = policies.length * connectionsPerPolicy
  for (const server of servers) await accepts(server, held)
  // From the dialling on, at even distances, each is asked once a period.
  const periodMs = await periodOf(namespace, held * servers.length, calmMs)
  for (const server of servers) await server.ask('begin-to-push', 'pushing')
  const dropped = (): number => droppedSegmentsIn(namespace.read('dev'))
  const droppedBefore = dropped()
  loseSegments(namespace, ports, loss)
  const lossyFromMs = Number(process.hrtime.bigint()) / 1e6
  await sleep(lossyMs)
  return {
    periodMs,
    lossyFromMs,
    segments: countLosses(namespace),
    droppedSegments: dropped() - droppedBefore,
    endings: await Promise.all(servers.map(endingsOf)),
  }
}

/** On a machine that is overloaded, somebody may have ended by then. */
async function accepts(server: Server, held: number): Promise<void> {
  for (const deadline = Date.now() + dialTimeoutMs; Date.now() < deadline; await sleep(10)) {
    if (figure(await server.counters(), 'accepted') === held) return
  }
  throw new Error(`not all of ${held} connections were accepted in ${dialTimeoutMs} ms`)
}

/** Timers are late by what the kernel rounds them to: a probe a second is one each 1.02 s. */
async function periodOf(
  namespace: Namespace,
  connections: number,
  calmMs: number,
): Promise<number> {
  const probes = (): number => probesIn(namespace.read('netstat'))
  const [before, fromMs] = [probes(), performance.now()]
  await sleep(calmMs)
  const [after, untilMs] = [probes(), performance.now()]
  if (after === before) throw new Error('the kernel sent no probe')
  return ((untilMs - fromMs) * connections) / (after - before)
}
