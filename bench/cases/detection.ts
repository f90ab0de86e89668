import { setTimeout as sleep } from 'node:timers/promises'
import { lateMsOf } from '../../lib/core/keepalive-policy-lateness.js'
import { policiesEpoll, policiesNodeNet, policiesUv } from '../detection/contestants.js'
import { type DeafAtMs, latenciesOf, latencyFigures } from '../detection/latencies.js'
import { type Ending, endingsOf, portsOf } from '../detection/policy-server.js'
import { type ScaledPreset, scaledPresets, shortestPolicy } from '../detection/scaled-presets.js'
import { type Child, figure } from '../harness/child.js'
import { countDroppedSegments } from '../harness/clocks.js'
import type { Contestant } from '../harness/contestants.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { startLoad } from '../harness/load.js'
import { Server } from '../harness/server.js'

/** What the connections of a group do when they go deaf. */
type Kind = 'idle' | 'data in flight'
const kinds: readonly Kind[] = ['idle', 'data in flight']

interface Group {
  readonly preset: ScaledPreset
  readonly kind: Kind
  /** From when on nobody of it may be alive any more, counted from the moment it went deaf. */
  readonly boundMs: number
}

const dialTimeoutMs = 30_000
const pushEveryMs = 500
/** The longest tick of a kernel's clock (100 Hz), which the silence is counted in. */
const clockTickMs = 10
/** Beyond the promise: so that a late one is a figure, not an error. */
const patienceMs = 15_000
const libuvProbes = { intervalMs: 1000, count: 10 }

/** How long after it went deaf each client is found: the presets scaled down, all side by side. */
export const detection: TurnsBench = {
  name: 'detection',
  title: 'How long after a client vanished the server is told',
  contestants: [policiesEpoll, policiesUv, policiesNodeNet],
  columns: [
    { figure: 'connections', title: 'found', digits: 0 },
    { figure: 'minMs', title: 'min ms', digits: 0 },
    { figure: 'p50Ms', title: 'p50', digits: 0 },
    { figure: 'p99Ms', title: 'p99', digits: 0 },
    { figure: 'maxMs', title: 'max', digits: 0 },
    { figure: 'boundMs', title: 'bound', digits: 0 },
    { figure: 'latestMs', title: 'promised', digits: 0 },
    { figure: 'boundShareMax', title: 'max / bound', digits: 3 },
    { figure: 'droppedSegments', title: 'dropped on loopback', digits: 0 },
  ],
  requirements(quick) {
    // A server has all of its clients.
    const needs = { descriptorsPerProcess: 4096 }
    return presetsOf(quick).flatMap((preset) =>
      kinds.map((kind) => ({ scenario: scenario(preset, kind), needs })),
    )
  },
  async measureRound(taking, round, context) {
    // In a smoke run node:net would be waited for longest: ten probes of a second.
    const all = taking.filter((it) => !context.quick || it !== policiesNodeNet)
    await Promise.all(all.map((contestant) => findAll(contestant, round, context)))
  },
}

function presetsOf(quick: boolean): readonly ScaledPreset[] {
  return quick ? [shortestPolicy] : scaledPresets()
}

function scenario({ name }: ScaledPreset, kind: Kind): string {
  return `${name}, ${kind}`
}

function groupsOf(contestant: Contestant, context: Context): Group[] {
  const ofNode = contestant === policiesNodeNet
  const boundOf = ({ boundMs, values }: ScaledPreset): number =>
    ofNode ? values.idleMs + libuvProbes.intervalMs * libuvProbes.count : boundMs
  return presetsOf(context.quick)
    .flatMap((preset) => kinds.map((kind): Group => ({ preset, kind, boundMs: boundOf(preset) })))
    .filter(({ kind }) => !ofNode || kind === 'idle')
    .filter(({ preset, kind }) => context.runs('detection', scenario(preset, kind)))
}

/** Every group at the same time, each with its listener and its clients. */
async function findAll(contestant: Contestant, round: number, context: Context): Promise<void> {
  const groups = groupsOf(contestant, context)
  if (groups.length === 0) return
  const vanishing = context.quick ? 20 : 300
  const living = context.quick ? 5 : 30
  const accepted = groups.length * (vanishing + living)
  const listeners = groups.map(({ preset, kind }) => ({
    keepalive: preset.values,
    ...(kind === 'idle' ? {} : { pushEveryMs }),
  }))
  const scriptArguments = ['--listeners', JSON.stringify(listeners)]
  await Server.with(contestant, { cores: context.cores, scriptArguments }, async (server) => {
    const clients = (await portsOf(server)).map((port) =>
      startLoad(context.cores, 'vanish', { port, connections: vanishing + living }),
    )
    try {
      for (const child of clients) await child.next('held', dialTimeoutMs)
      await server.reaches(accepted, 0)
      if (groups.some(({ kind }) => kind !== 'idle')) await server.ask('begin-to-push', 'pushing')
      const droppedBefore = countDroppedSegments()
      const vanished = await Promise.all(
        groups.map((group, index) => vanish(clients[index] as Child, group, vanishing)),
      )
      // Asking the server costs it something: not before the last can have been found.
      const dueMs = groups.map(
        ({ boundMs }, index) => boundMs + Math.max(...(vanished[index] as DeafAtMs).values()),
      )
      await sleep(Math.max(0, Math.max(...dueMs) - monotonicMs()))
      await server.reaches(accepted, groups.length * vanishing, patienceMs)
      const endings = await endingsOf(server)
      const droppedSegments = countDroppedSegments() - droppedBefore
      for (const [index, group] of groups.entries()) {
        const own = endings.filter(({ listener }) => listener === index)
        const detectedMs = latenciesOf(
          vanished[index] as DeafAtMs,
          own,
          rightFor(contestant, group),
        )
        context.samples.add({
          bench: 'detection',
          scenario: scenario(group.preset, group.kind),
          contestant: contestant.name,
          round,
          figures: {
            ...latencyFigures(detectedMs, group.boundMs),
            // Nobody promises anything for node:net.
            ...(contestant === policiesNodeNet ? {} : { latestMs: group.preset.latestMs }),
            dividedBy: group.preset.dividedBy,
            droppedSegments,
          },
          parameters: { ...group.preset.values },
          values: { detectedMs: detectedMs.map((ms) => Math.round(ms * 10) / 10) },
        })
      }
    } finally {
      await Promise.all(clients.map((child) => child.end()))
    }
  })
}

/** Spread over the period, a late one, in which a live client is asked: each at another moment. */
async function vanish(clients: Child, { preset }: Group, count: number): Promise<DeafAtMs> {
  const { idleMs, intervalMs } = preset.values
  const periodMs = Math.ceil(lateMsOf(Math.max(idleMs, intervalMs)))
  clients.say(`vanish ${count} ${periodMs}`)
  const deafAtMs = new Map<number, number>()
  for (let heard = 0; heard < count; heard++) {
    const deaf = await clients.next('deaf', periodMs + patienceMs)
    deafAtMs.set(figure(deaf, 'port'), figure(deaf, 'atMs'))
  }
  await clients.next('vanished', patienceMs)
  return deafAtMs
}

/** The reason that is right, after a silence that is long enough. */
function rightFor(contestant: Contestant, { preset, kind }: Group): (ending: Ending) => boolean {
  if (contestant === policiesNodeNet) return ({ how }) => how === 'ETIMEDOUT'
  const { idleMs, intervalMs, count } = preset.values
  const [right, leastMs] =
    kind === 'idle'
      ? ['keepalive-timeout by kernel', idleMs + intervalMs * count]
      : ['send-timeout by liveness-clock', preset.boundMs]
  return ({ how, detectedMs }) =>
    how === right && detectedMs !== null && detectedMs >= leastMs - clockTickMs
}

/** CLOCK_MONOTONIC, as the clients and the servers read it. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
