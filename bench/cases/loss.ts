import { policiesEpoll, policiesUv } from '../detection/contestants.js'
import { binomialRange, chanceOfRun, questionsUntil } from '../detection/loss-model.js'
import {
  type LossyOutcome,
  type LossyRun,
  watchInLossyNetwork,
} from '../detection/lossy-network.js'
import type { Ending } from '../detection/policy-server.js'
import type { Direction } from '../detection/random-loss.js'
import { planOf, type RiskyPolicy, riskyPolicies } from '../detection/risky-policies.js'
import type { Context, TurnsBench } from '../harness/context.js'
import type { Requirement } from '../harness/requirements.js'

/** Chances in percent that a segment is lost, each way; each in a network of its own. */
const fullLosses = [0.1, 1, 5, 10, 20]
const quickLosses = [20]

/** Some forty counts are compared in a round: each outside of its range by chance once in 10,000. */
const modelConfidence = 0.9999
/** Of the apparatus itself: what it loses is what it was told to. */
const lossConfidence = 1 - 1e-6
/**
 * The share of connections after which a policy's window closes. A fifth alive tells most about the
 * rate at which they end; later windows would only show that all have ended.
 */
const endedShare = 0.8

export const loss: TurnsBench = {
  name: 'loss',
  title: 'Healthy connections that random loss ends',
  contestants: [policiesEpoll, policiesUv],
  columns: [
    { figure: 'connections', title: 'connections', digits: 0 },
    { figure: 'windowSeconds', title: 'for s', digits: 1 },
    { figure: 'killed', title: 'ended', digits: 0 },
    { figure: 'expected', title: 'model', digits: 1 },
    { figure: 'killedLow', title: 'from', digits: 0 },
    { figure: 'killedHigh', title: 'to', digits: 0 },
    { figure: 'planned', title: 'holdfast plan, at most', digits: 1 },
    { figure: 'lossMeasuredPercent', title: 'loss %, counted', digits: 3 },
    { figure: 'periodMs', title: 'ms from probe to probe', digits: 0 },
    { figure: 'droppedSegments', title: 'dropped on loopback', digits: 0 },
  ],
  requirements(quick) {
    const needs = {
      root: true,
      descriptorsPerProcess: 4096,
      programs: { nft: 'nftables', ip: 'iproute2', nsenter: 'util-linux' },
    }
    return losses(quick).flatMap((percent) =>
      policies(quick).map(
        (policy): Requirement => ({ scenario: scenario(percent, policy), needs }),
      ),
    )
  },
  async measureRound(taking, round, context) {
    const { quick } = context
    await Promise.all(
      losses(quick).map(async (percent) => {
        const chosen = policies(quick).filter((policy) =>
          context.runs('loss', scenario(percent, policy)),
        )
        if (chosen.length === 0) return
        const run: LossyRun = {
          cores: context.cores,
          contestants: taking,
          policies: chosen,
          connectionsPerPolicy: quick ? 50 : 400,
          loss: percent / 100,
          calmMs: quick ? 1100 : 5000,
          lossyMs: quick ? 2500 : 50_000,
        }
        const outcome = await watchInLossyNetwork(run)
        expectLoss(run, outcome)
        addSamples(run, outcome, percent, round, context)
      }),
    )
  },
}

function losses(quick: boolean): readonly number[] {
  return quick ? quickLosses : fullLosses
}

function policies(quick: boolean): readonly RiskyPolicy[] {
  return quick ? riskyPolicies.slice(0, 1) : riskyPolicies
}

function scenario(percent: number, { name }: RiskyPolicy): string {
  return `${percent} % each way, ${name}`
}

/** Throws unless the filter lost as many of what it saw as it was told to, each way. */
function expectLoss({ loss }: LossyRun, { segments }: LossyOutcome): void {
  for (const [direction, { seen, lost }] of Object.entries(segments) as [string, Direction][]) {
    const { low, high } = binomialRange(seen, loss, lossConfidence)
    if (seen > 0 && lost >= low && lost <= high) continue
    throw new Error(`${direction}: ${lost} of ${seen} segments lost, expected ${low} to ${high}`)
  }
}

function addSamples(
  run: LossyRun,
  outcome: LossyOutcome,
  percent: number,
  round: number,
  context: Context,
): void {
  for (const [who, contestant] of run.contestants.entries()) {
    const endings = outcome.endings[who] as readonly Ending[]
    const wrong = endings.filter(({ how }) => how !== 'keepalive-timeout by kernel')
    if (wrong.length > 0) throw new Error(`ended for another reason: ${JSON.stringify(wrong[0])}`)
    for (const [index, policy] of run.policies.entries()) {
      const own = endings.filter(({ listener }) => listener === index)
      const { idleMs, intervalMs, count } = policy.keepalive
      context.samples.add({
        bench: 'loss',
        scenario: scenario(percent, policy),
        contestant: contestant.name,
        round,
        figures: figuresOf(run, outcome, policy, own),
        parameters: { loss: run.loss, idleMs, intervalMs, count },
      })
    }
  }
}

function figuresOf(
  run: LossyRun,
  { periodMs, lossyFromMs, segments, droppedSegments }: LossyOutcome,
  policy: RiskyPolicy,
  endings: readonly Ending[],
): Record<string, number> {
  const { connectionsPerPolicy: connections, lossyMs } = run
  const plan = planOf(policy, run.loss)
  const { question, round } = plan.loss
  const { count } = plan.policy
  // Who was not answered is ended a period after the last probe: the last period only tells.
  const most = lossyMs / periodMs - 1
  const questions = questionsUntil(endedShare, count, question, most)
  const untilMs = lossyFromMs + (questions + 1) * periodMs
  const killed = endings.filter(({ atMs }) => atMs <= untilMs).length
  const chance = chanceOfRun(questions, count, question)
  const { low, high } = binomialRange(connections, chance, modelConfidence)
  const windowMs = questions * periodMs
  const rounds = windowMs / Math.max(plan.policy.idleMs, plan.policy.intervalMs)
  const { toServers, toClients } = segments
  const lost = toServers.lost + toClients.lost
  return {
    connections,
    windowSeconds: windowMs / 1000,
    killed,
    expected: connections * chance,
    killedLow: low,
    killedHigh: high,
    withinModel: killed >= low && killed <= high ? 1 : 0,
    planned: connections * -Math.expm1(rounds * Math.log1p(-round)),
    lossMeasuredPercent: (100 * lost) / (toServers.seen + toClients.seen),
    periodMs,
    droppedSegments,
  }
}
