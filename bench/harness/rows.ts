import type { Bench, Column } from './context.js'
import { type Judgement, type Verdict, verdictOf } from './judging.js'
import type { Samples } from './samples.js'
import { type Summary, summarize } from './statistics.js'

/** A table before it is drawn, for the terminal or in Markdown. */
export interface Rows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a table needs to know of a bench. */
export type Described = Pick<Bench, 'name' | 'columns'> & {
  readonly contestants: readonly { readonly name: string }[]
}

/** One table per scenario: a row per contestant; median (smallest … largest) of the rounds. */
export function figureRows(bench: Described, samples: Samples): Rows[] {
  return samples.scenarios(bench.name).map((scenario) => scenarioRows(bench, scenario, samples))
}

function scenarioRows(bench: Described, scenario: string, samples: Samples): Rows {
  const measured = samples.contestants(bench.name, scenario)
  const known = bench.contestants.map(({ name }) => name).filter((name) => measured.includes(name))
  // Results may be older than the bench, and have contestants and figures that it no longer has.
  const names = [...known, ...measured.filter((name) => !known.includes(name))]
  const first = names[0]
  // A scenario need not have every figure of its bench.
  const present = bench.columns.filter(({ figure }) =>
    names.some((name) => samples.series(bench.name, scenario, name, figure).length > 0),
  )
  const columns = present.length > 0 ? present : plainColumns(bench.name, scenario, samples)
  const cell = (name: string, { figure, digits, relative }: Column): string => {
    const series = samples.series(bench.name, scenario, name, figure)
    if (series.length === 0) return '–'
    const shown = spread(summarize(series), digits)
    if (!relative || first === undefined) return shown
    const ratios = samples.ratios(bench.name, scenario, name, first, figure)
    return ratios.length === 0 ? shown : `${shown}  ×${summarize(ratios).median.toFixed(2)}`
  }
  return {
    head: [`${bench.name}: ${scenario}`, ...columns.map(({ title }) => title)],
    rows: names.map((name) => [name, ...columns.map((column) => cell(name, column))]),
  }
}

/** Every figure by the name it has in the samples. */
function plainColumns(bench: string, scenario: string, samples: Samples): Column[] {
  const own = samples.all.filter((sample) => sample.bench === bench && sample.scenario === scenario)
  const figures = new Set(own.flatMap((sample) => Object.keys(sample.figures)))
  return [...figures].map((figure) => ({ figure, title: figure, digits: 2 }))
}

export function judgementRows(judgements: readonly Judgement[]): Rows {
  return {
    head: ['figure', 'of', 'median', 'smallest … largest', 'goal', ''],
    rows: judgements.map((judgement) => {
      const { title, of, measured, limit } = judgement
      return [title, of, ...medianAndRange(measured), limit, verdictText(judgement)]
    }),
  }
}

function medianAndRange(measured: Summary | undefined): [median: string, range: string] {
  // What was undefined is absent in a file.
  if (measured == null) return ['–', '–']
  const { median, min, max, rounds } = measured
  const digits = median > 20 ? 0 : 3
  const range = `${min.toFixed(digits)} … ${max.toFixed(digits)}`
  return [median.toFixed(digits), rounds === 1 ? 'one observation' : range]
}

const verdictTexts: Readonly<Record<Verdict, string>> = {
  reached: 'reached',
  missed: 'MISSED',
  'not measured': 'not measured',
  'not judged': 'not judged',
  'left out': 'not measured: left out by --servers',
}

function verdictText(judgement: Judgement): string {
  const { why, noisy } = judgement
  const text = verdictTexts[verdictOf(judgement)]
  return `${text}${why === undefined ? '' : `: ${why}`}${noisy ? ' (NOISY)' : ''}`
}

function spread({ median, min, max, rounds }: Summary, digits: number): string {
  const range = rounds === 1 ? '' : ` (${min.toFixed(digits)} … ${max.toFixed(digits)})`
  return `${median.toFixed(digits)}${range}`
}
