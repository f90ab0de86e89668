import type { Samples } from './samples.js'
import { pairedRatios, type Summary, summarize } from './statistics.js'
import { type Target, targets } from './targets.js'

export interface Judgement {
  readonly title: string
  /** Who is measured, and against whom. */
  readonly of: string
  readonly measured: Summary | undefined
  readonly limit: string
  /** A figure that was not measured has not passed. */
  readonly passed: boolean
}

export function judge(samples: Samples, bench: string): Judgement[] {
  return targets
    .filter((target) => target.bench === bench)
    .map((target) => judgeOne(samples, target))
}

function judgeOne(samples: Samples, target: Target): Judgement {
  const { bench, scenario, figure, contestant, against, limit, limitIs, unit } = target
  const own = samples.series(bench, scenario, contestant, figure)
  const base = against === undefined ? own : samples.series(bench, scenario, against, figure)
  const values = against === undefined ? own : pairedRatiosOrNone(own, base)
  const measured = values.length === 0 ? undefined : summarize(values)
  const passed =
    measured !== undefined &&
    (limitIs === 'most' ? measured.median <= limit : measured.median >= limit)
  return {
    title: target.title,
    of: against === undefined ? contestant : `${contestant} / ${against}`,
    measured,
    limit: `${limitIs === 'most' ? '≤' : '≥'} ${limit}${unit === '×' ? '' : ` ${unit}`}`,
    passed,
  }
}

function pairedRatiosOrNone(own: readonly number[], base: readonly number[]): number[] {
  return own.length === 0 || base.length === 0 ? [] : pairedRatios(own, base)
}
