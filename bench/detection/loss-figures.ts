import { binomialRange, chanceOfRun, questionsUntil } from './loss-model.js'
import type { LossyOutcome } from './lossy-network.js'
import type { Ending } from './policy-server.js'
import type { Direction, LossCounts } from './random-loss.js'
import { planOf, type RiskyPolicy } from './risky-policies.js'

/** Some fifty counts are compared in a round: each outside of its range by chance once in 10,000. */
const modelConfidence = 0.9999
/** Of the apparatus itself: what it loses is what it was told to. */
const lossConfidence = 1 - 1e-6
/**
 * The share of connections after which a policy's window closes. A fifth alive tells most about the
 * rate at which they end; a later window would only show that all have ended.
 */
const endedShare = 0.8

/** Throws unless the filter lost as many of what it saw as it was told to, each way. */
export function expectLoss(loss: number, segments: LossCounts): void {
  for (const [direction, { seen, lost }] of Object.entries(segments) as [string, Direction][]) {
    const { low, high } = binomialRange(seen, loss, lossConfidence)
    if (seen > 0 && lost >= low && lost <= high) continue
    throw new Error(`${direction}: ${lost} of ${seen} segments lost, expected ${low} to ${high}`)
  }
}

export interface Watched {
  readonly policy: RiskyPolicy
  readonly connections: number
  /** Chance that a segment is lost, each way. */
  readonly loss: number
  readonly lossyMs: number
  /** Of this policy's connections alone. */
  readonly endings: readonly Ending[]
}

/** How many ended by the end of the window, and how many the model and the plan say. */
export function lossFigures(
  { policy, connections, loss, lossyMs, endings }: Watched,
  outcome: Omit<LossyOutcome, 'endings'>,
): Record<string, number> {
  const { periodMs, lossyFromMs, segments, droppedSegments } = outcome
  const { policy: planned, loss: risk } = planOf(policy, rateOf(loss, outcome))
  // Who was not answered is ended a period after the last probe: the last period only tells.
  const questionsMost = lossyMs / periodMs - 1
  const questions = questionsUntil(endedShare, planned.count, risk.question, questionsMost)
  const windowMs = questions * periodMs
  const endedBy = (untilMs: number): number => endings.filter(({ atMs }) => atMs <= untilMs).length
  const endedBefore = endedBy(lossyFromMs)
  const alive = connections - endedBefore
  const killed = endedBy(lossyFromMs + windowMs + periodMs) - endedBefore
  const chance = chanceOfRun(questions, planned.count, risk.question)
  const { low, high } = binomialRange(alive, chance, modelConfidence)
  // The model is of idle connections. Retransmissions ask more often than probes do, so that those
  // with data in flight must not do worse; how much better they do is not said.
  const isIdle = policy.pushEveryMs === undefined
  const rounds = windowMs / Math.max(planned.idleMs, planned.intervalMs)
  const { toServers, toClients } = segments
  return {
    connections: alive,
    windowSeconds: windowMs / 1000,
    killed,
    ...(isIdle ? { expected: alive * chance, killedLow: low } : {}),
    killedHigh: high,
    withinModel: (!isIdle || killed >= low) && killed <= high ? 1 : 0,
    planned: alive * -Math.expm1(rounds * Math.log1p(-risk.round)),
    lossMeasuredPercent:
      (100 * (toServers.lost + toClients.lost)) / (toServers.seen + toClients.seen),
    periodMs,
    endedBefore,
    droppedSegments,
  }
}

/** What the queue of loopback dropped came before the filter, and was lost as well. */
function rateOf(
  loss: number,
  { segments, droppedSegments }: Pick<LossyOutcome, 'segments' | 'droppedSegments'>,
): number {
  const filtered = segments.toServers.seen + segments.toClients.seen
  const dropped = droppedSegments / (filtered + droppedSegments)
  return dropped + (1 - dropped) * loss
}

/** By the kernel's count; with data in flight also by the liveness clock. */
export function isRightEnd({ pushEveryMs }: RiskyPolicy, how: string): boolean {
  if (how === 'keepalive-timeout by kernel') return true
  return pushEveryMs !== undefined && how === 'send-timeout by liveness-clock'
}

/**
 * Of idle connections, for which the model has a number, how many ended in all. Too many in one
 * scenario and too few in another cancel out there; `outsideModel` counts both, of all scenarios.
 */
export function summedFigures(
  all: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  const sum = (name: string, of = all): number =>
    of.reduce((total, figures) => total + (figures[name] as number), 0)
  const idle = all.filter(({ expected }) => expected !== undefined)
  return {
    connections: sum('connections', idle),
    killed: sum('killed', idle),
    expected: sum('expected', idle),
    planned: sum('planned', idle),
    outsideModel: all.length - sum('withinModel'),
    endedBefore: sum('endedBefore'),
  }
}
