import { setTimeout as delay } from 'node:timers/promises'
import type { DisconnectCompletion } from '../../lib/core/completion.js'
import { openBench } from './bench.js'
import { monotonicMs } from './command.js'
import { makeCut, undoLater } from './cutting.js'
import { boundOf, inconclusive, judge, type Moments } from './judge.js'
import { misnomersOf } from './names.js'
import type { Bench, Family, IoKind, Result, Scenario, Step } from './scenario.js'
import { contradictions, type Observed, readCounters, readTimer, summary } from './witness.js'

// How often ss is asked for the timer: often enough to see each kind, seldom enough for a machine
// that runs twenty scenarios at once.
const TIMER_EVERY_MS = 700

// Waiting goes on this long after the bound, to tell a late report from none at all.
const LATE_MS = 1_500

// A run that could not be made as declared is made again; the last one counts, whatever it says.
const ATTEMPTS_MAX = 3

interface Attempt {
  result: Result
  conclusive: boolean
}

/** Runs a scenario. What goes wrong in the laboratory itself is thrown; the rest is in `problems`. */
export async function runScenario(scenario: Scenario, io: IoKind, family: Family): Promise<Result> {
  let attempt = await tryScenario(scenario, io, family)
  for (let made = 1; made < ATTEMPTS_MAX && !attempt.conclusive; made++) {
    attempt = await tryScenario(scenario, io, family)
  }
  return attempt.result
}

async function tryScenario(scenario: Scenario, io: IoKind, family: Family): Promise<Attempt> {
  const bench = await openBench(scenario, io, family)
  try {
    return await runOn(bench, scenario, io)
  } finally {
    await bench.close()
  }
}

async function runOn(bench: Bench, scenario: Scenario, io: IoKind): Promise<Attempt> {
  await scenario.cut?.prepare?.(bench)
  await take(bench, scenario.traffic.before ?? [])
  // A peer that still repeats something of its own would be heard after the cut.
  await bench.peer.order({ do: 'settle' })
  const before = await readCounters(bench)
  const cutting = await makeCut(bench, scenario)
  const { cutFromMs, cutToMs } = cutting
  await take(bench, scenario.traffic.after ?? [])

  const boundMs = boundOf(scenario)
  // Nothing is left to wait for once the cut took too long.
  const spoilt = inconclusive(scenario, { cutFromMs, cutToMs, undoLateMs: 0 }) !== null
  const heldMs = scenario.expect === null ? boundMs : boundMs + LATE_MS
  const waitMs = spoilt ? 0 : heldMs
  const over = new AbortController()
  // All three at once: a failure of one is the failure of the run.
  const [timers, completion, undoing] = await Promise.all([
    watchTimers(bench, over.signal),
    reportWithin(bench, cutToMs + waitMs).finally(() => over.abort()),
    undoLater(bench, scenario, cutting, over.signal),
  ])
  const after = await readCounters(bench)

  const { undoLateMs } = undoing
  const moments: Moments = { cutFromMs, cutToMs, undoLateMs, reportMs: completion?.at ?? null }
  const observed: Observed = {
    timers,
    before,
    after,
    cutMs: cutToMs - cutFromMs,
    completion: completion?.completion ?? null,
  }
  const problems = [
    ...cutting.problems,
    ...undoing.problems,
    ...judge(scenario, observed.completion, moments),
    ...misnomersOf(scenario, observed.completion),
    ...contradictions(scenario.witness, observed),
    ...complaints(bench),
  ]
  const result: Result = {
    scenario: scenario.name,
    io,
    family: bench.family,
    reason: observed.completion?.reason ?? null,
    code: observed.completion?.code ?? null,
    afterCutMs: moments.reportMs === null ? null : moments.reportMs - cutToMs,
    heardMs: observed.completion?.detectedMs ?? null,
    boundMs,
    seen: summary(scenario.witness, observed),
    problems,
  }
  return { result, conclusive: inconclusive(scenario, moments) === null }
}

/** Carries out steps one after the other; each is answered before the next. */
export async function take(bench: Bench, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if ('idleMs' in step) await delay(step.idleMs)
    else if ('until' in step) await bench.server.order({ do: 'until', condition: step.until })
    else if ('received' in step) {
      await bench[step.at].order({ do: 'received', total: step.received })
    } else {
      const { at, ...order } = step
      await bench[at].order(order)
    }
  }
}

interface Report {
  at: number
  completion: DisconnectCompletion
}

/** null when nothing was reported until then; a server that ends instead is an error. */
async function reportWithin({ server }: Bench, deadlineMs: number): Promise<Report | null> {
  const leftMs = Math.max(0, deadlineMs - monotonicMs())
  const event = await server.firstWithin('disconnect', leftMs)
  return event === null
    ? null
    : { at: event.at, completion: event.completion as DisconnectCompletion }
}

/** The timer that the kernel shows, until `over`. The last look may find the connection gone. */
async function watchTimers(bench: Bench, over: AbortSignal): Promise<string[]> {
  const timers: string[] = []
  while (!over.aborted) {
    const timer = await readTimer(bench)
    if (timer !== null && !over.aborted) timers.push(timer)
    await delay(TIMER_EVERY_MS, undefined, { signal: over }).catch(() => {})
  }
  return timers
}

/** What the server had to say besides. */
function complaints(bench: Bench): string[] {
  return bench.server.events
    .filter(({ event }) => event === 'error' || event === 'refused')
    .map((event) => `the server said ${JSON.stringify(event)}`)
}
