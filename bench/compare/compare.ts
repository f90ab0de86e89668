import type { Results } from '../harness/results.js'
import { Samples } from '../harness/samples.js'
import { type Summary, summarize } from '../harness/statistics.js'
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
  /** What was compared: multiples, or the figure itself. */
  readonly before: Summary
  readonly after: Summary
  /** B over A; undefined where A is nothing. */
  readonly ratio: number | undefined
  /** What the control showed, as a share; the smallest that is told where there is none. */
  readonly noiseShare: number
  readonly verdict: Verdict
}

interface Runs {
  readonly before: Samples
  readonly after: Samples
}

/** Every figure that both runs have, but those of the baselines and controls the others are told by. */
export function compare(before: Results, after: Results): Change[] {
  const runs = { before: new Samples(before.samples), after: new Samples(after.samples) }
  const benches = new Set(before.samples.map(({ bench }) => bench))
  return [...benches].flatMap((bench) =>
    runs.before.scenarios(bench).flatMap((scenario) => compareScenario(runs, bench, scenario)),
  )
}

function compareScenario(runs: Runs, bench: string, scenario: string): Change[] {
  const inBoth = runs.before
    .contestants(bench, scenario)
    .filter((name) => runs.after.contestants(bench, scenario).includes(name))
  const own = runs.before.all.filter(
    (sample) => sample.bench === bench && sample.scenario === scenario,
  )
  const figures = new Set(own.flatMap((sample) => Object.keys(sample.figures)))
  return [...figures].flatMap((figure) => compareFigure(runs, bench, scenario, figure, inBoth))
}

function compareFigure(
  runs: Runs,
  bench: string,
  scenario: string,
  figure: string,
  contestants: readonly string[],
): Change[] {
  const kind = kindOf(bench, figure)
  if (kind === undefined) return []
  const seriesOf = (samples: Samples, name: string, against?: string): number[] =>
    against === undefined
      ? samples.series(bench, scenario, name, figure)
      : samples.ratios(bench, scenario, name, against, figure)
  const having = contestants.filter(
    (name) => seriesOf(runs.before, name).length > 0 && seriesOf(runs.after, name).length > 0,
  )
  const against = kind.cost ? baselineOf(having) : undefined
  const noiseShare = Math.max(
    controlShare(runs.before, bench, scenario, figure),
    controlShare(runs.after, bench, scenario, figure),
  )
  return having.flatMap((contestant) => {
    if (isControl(contestant) || contestant === against) return []
    const series = {
      before: seriesOf(runs.before, contestant, against),
      after: seriesOf(runs.after, contestant, against),
    }
    if (series.before.length === 0 || series.after.length === 0) return []
    return [
      {
        ...{ bench, scenario, contestant, figure, against, noiseShare },
        before: summarize(series.before),
        after: summarize(series.after),
        ratio: changeOf(series),
        verdict: judgeChange(series, noiseShare, kind.better),
      },
    ]
  })
}

/** How far the same program was from itself in this run; 0 where none stood there twice. */
function controlShare(samples: Samples, bench: string, scenario: string, figure: string): number {
  const shares = samples
    .contestants(bench, scenario)
    .filter(isControl)
    .map((control) => samples.ratios(bench, scenario, control, controlled(control), figure))
    .filter((ratios) => ratios.length > 0)
    .map((ratios) => Math.abs(summarize(ratios).median - 1))
  return Math.max(0, ...shares)
}
