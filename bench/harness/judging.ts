import type { Samples } from './samples.js'
import { type Summary, summarize } from './statistics.js'
import { type Target, targets } from './targets.js'

export interface Judgement {
  readonly bench: string
  readonly title: string
  /** Who is measured, and against whom. */
  readonly of: string
  readonly measured: Summary | undefined
  readonly limit: string
  /** A figure that was not measured has not passed. */
  readonly passed: boolean
}

/** A scenario that was skipped is not judged: `runs` says so. */
export function judge(
  samples: Samples,
  bench: string,
  runs: (bench: string, scenario: string) => boolean,
): Judgement[] {
  return targets
    .filter((target) => target.bench === bench && runs(bench, target.scenario))
    .map((target) => judgeOne(samples, target))
}

function judgeOne(samples: Samples, target: Target): Judgement {
  const { bench, scenario, figure, contestant, against, limit, limitIs, unit } = target
  const values =
    against === undefined
      ? samples.series(bench, scenario, contestant, figure)
      : samples.ratios(bench, scenario, contestant, against, figure)
  const measured = values.length === 0 ? undefined : summarize(values)
  const passed =
    measured !== undefined &&
    (limitIs === 'most' ? measured.median <= limit : measured.median >= limit)
  return {
    bench,
    title: target.title,
    of: against === undefined ? contestant : `${contestant} / ${against}`,
    measured,
    limit: `${limitIs === 'most' ? '≤' : '≥'} ${limit}${unit === '×' ? '' : ` ${unit}`}`,
    passed,
  }
}
