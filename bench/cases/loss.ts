import { policiesEpoll, policiesUv } from '../detection/contestants.js'
import { expectLoss, isRightEnd, lossFigures, summedFigures } from '../detection/loss-figures.js'
import {
  type LossyOutcome,
  type LossyRun,
  watchInLossyNetwork,
} from '../detection/lossy-network.js'
import type { Ending } from '../detection/policy-server.js'
import { type RiskyPolicy, riskyPolicies } from '../detection/risky-policies.js'
import type { TurnsBench } from '../harness/context.js'
import type { Needs, Requirement } from '../harness/requirements.js'
import type { Sample } from '../harness/samples.js'

/** Chances in percent that a segment is lost, each way; each in a network of its own. */
const fullLosses = [0.1, 1, 5, 10, 20]
const quickLosses = [20]
const allScenarios = 'all rates and policies'

const needs: Needs = {
  root: true,
  // A server has all clients of its network.
  descriptorsPerProcess: 4096,
  programs: { nft: 'nftables', ip: 'iproute2', nsenter: 'util-linux', unshare: 'util-linux' },
}

/** How many healthy connections each policy ends where segments are lost at random. */
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
    { figure: 'outsideModel', title: 'scenarios outside', digits: 0 },
    { figure: 'planned', title: 'holdfast plan, at most', digits: 1 },
    { figure: 'lossMeasuredPercent', title: 'loss %, counted', digits: 3 },
    { figure: 'periodMs', title: 'ms from probe to probe', digits: 0 },
    { figure: 'endedBefore', title: 'ended before', digits: 0 },
    { figure: 'droppedSegments', title: 'dropped on loopback', digits: 0 },
  ],
  requirements(quick) {
    const each = losses(quick).flatMap((percent) =>
      policies(quick).map((policy) => scenario(percent, policy)),
    )
    return [...each, allScenarios].map((name): Requirement => ({ scenario: name, needs }))
  },
  async measureRound(taking, round, context) {
    const { quick } = context
    const measured = await Promise.all(
      losses(quick).map(async (percent) => {
        const chosen = policies(quick).filter((policy) =>
          context.runs('loss', scenario(percent, policy)),
        )
        if (chosen.length === 0) return []
        const run: LossyRun = {
          cores: context.cores,
          contestants: taking,
          policies: chosen,
          connectionsPerPolicy: quick ? 50 : 300,
          loss: percent / 100,
          calmMs: quick ? 1100 : 5000,
          lossyMs: quick ? 2500 : 50_000,
        }
        const outcome = await watchInLossyNetwork(run)
        expectLoss(run.loss, outcome.segments)
        return samplesOf(run, outcome, percent, round)
      }),
    )
    const samples = measured.flat()
    for (const sample of samples) context.samples.add(sample)
    for (const { name } of taking) {
      const own = samples.filter(({ contestant }) => contestant === name)
      if (own.length === 0) continue
      const figures = summedFigures(own.map((sample) => sample.figures))
      context.samples.add({
        bench: 'loss',
        scenario: allScenarios,
        contestant: name,
        round,
        figures,
      })
    }
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

function samplesOf(run: LossyRun, outcome: LossyOutcome, percent: number, round: number): Sample[] {
  return run.contestants.flatMap((contestant, who) => {
    const endings = outcome.endings[who] as readonly Ending[]
    return run.policies.map((policy, index): Sample => {
      const own = endings.filter(({ listener }) => listener === index)
      const wrong = own.find(({ how }) => !isRightEnd(policy, how))
      if (wrong !== undefined) throw new Error(`another reason: ${JSON.stringify(wrong)}`)
      const { idleMs, intervalMs, count } = policy.keepalive
      const watched = {
        policy,
        connections: run.connectionsPerPolicy,
        loss: run.loss,
        lossyMs: run.lossyMs,
        endings: own,
      }
      return {
        bench: 'loss',
        scenario: scenario(percent, policy),
        contestant: contestant.name,
        round,
        figures: lossFigures(watched, outcome),
        parameters: { loss: run.loss, idleMs, intervalMs, count },
      }
    })
  })
}
