import { median } from 'simple-statistics'
import type { Results } from '../harness/results.js'
import { Samples } from '../harness/samples.js'
import { baselineOf, controlled, isControl, kindOf } from './kinds.js'
import { changeOf, judgeChange, type Verdict } from './verdict.js'

/** One figure of two runs. */
export interface Change {
  readonly bench: string
  readonly scenario: string
  readonly contestant: string
  readonly figure: string
  /** Whose multiple was compared; undefined where the figure itself was. */
  readonly against: string | undefined
  readonly before: number
  readonly after: number
  /** B over A, of what was compared; undefined where A is nothing. */
  readonly ratio: number | undefined
  /** What the control showed, as a share; the smallest that is told where there is none. */
  readonly noiseShare: number
  readonly verdict: Verdict
}

/** Every figure that both runs have, but those of the baselines and controls the others are told by. */
export function compare(before: Results, after: Results): Change[] {
  const runs = { before: new Samples(before.samples), after: new Samples(after.samples) }
  const benches = new Set(before.samples.map(({ bench }) => bench))
  return [...benches].flatMap((bench) =>
    runs.before.scenarios(bench).flatMap((scenario) => compareScenario(runs, bench, scenario)),
  )
}

interface Runs {
  readonly before: Samples
  readonly after: Samples
}

function compareScenario(runs: Runs, bench: string, scenario: string): Change[] {
  const inBoth = runs.before
    .contestants(bench, scenario)
    .filter((name) => runs.after.contestants(bench, scenario).includes(name))
  const baseline = baselineOf(inBoth)
  const own = runs.before.all.filter(
    (sample) => sample.bench === bench && sample.scenario === scenario,
  )
  const figures = new Set(own.flatMap((sample) => Object.keys(sample.figures)))
  return inBoth.flatMap((contestant) =>
    [...figures].flatMap((figure) => {
      const kind = kindOf(bench, figure)
      if (kind === undefined || isControl(contestant)) return []
      const against = kind.cost ? baseline : undefined
      if (contestant === against) return []
      const seriesOf = (samples: Samples): number[] =>
        against === undefined
          ? samples.series(bench, scenario, contestant, figure)
          : samples.ratios(bench, scenario, contestant, against, figure)
      const medianOf = (samples: Samples): number =>
        median(samples.series(bench, scenario, contestant, figure))
      const series = { before: seriesOf(runs.before), after: seriesOf(runs.after) }
      if (series.before.length === 0 || series.after.length === 0) return []
      const noiseShare = Math.max(
        controlShare(runs.before, bench, scenario, figure),
        controlShare(runs.after, bench, scenario, figure),
      )
      return [
        {
          ...{ bench, scenario, contestant, figure, against, noiseShare },
          before: medianOf(runs.before),
          after: medianOf(runs.after),
          ratio: changeOf(series),
          verdict: judgeChange(series, noiseShare, kind.better),
        },
      ]
    }),
  )
}

/** How far the same program was from itself in this run; 0 where none stood there twice. */
function controlShare(samples: Samples, bench: string, scenario: string, figure: string): number {
  const shares = samples
    .contestants(bench, scenario)
    .filter(isControl)
    .map((control) => samples.ratios(bench, scenario, control, controlled(control), figure))
    .filter((ratios) => ratios.length > 0)
    .map((ratios) => Math.abs(median(ratios) - 1))
  return Math.max(0, ...shares)
}
