import Table from 'cli-table3'
import type { Bench } from './context.js'
import type { Judgement } from './judging.js'
import type { Samples } from './samples.js'
import { pairedRatios, type Summary, summarize } from './statistics.js'

/** One table per scenario: a row per contestant; median (smallest … largest) of the rounds. */
export function figuresTable(bench: Bench, samples: Samples): string {
  return samples
    .scenarios(bench.name)
    .map((scenario) => scenarioTable(bench, scenario, samples))
    .join('\n\n')
}

function scenarioTable(bench: Bench, scenario: string, samples: Samples): string {
  const names = bench.contestants
    .map(({ name }) => name)
    .filter((name) => samples.contestants(bench.name, scenario).includes(name))
  // A scenario need not have every figure of its bench.
  const columns = bench.columns.filter(({ figure }) =>
    names.some((name) => samples.series(bench.name, scenario, name, figure).length > 0),
  )
  const table = plainTable([`${bench.name}: ${scenario}`, ...columns.map(({ title }) => title)])
  for (const name of names) {
    const cells = columns.map((column) => {
      const series = samples.series(bench.name, scenario, name, column.figure)
      if (series.length === 0) return '–'
      const shown = spread(summarize(series), column.digits)
      const first = names[0]
      if (!column.relative || first === undefined) return shown
      const base = samples.series(bench.name, scenario, first, column.figure)
      return `${shown}  ×${summarize(pairedRatios(series, base)).median.toFixed(2)}`
    })
    table.push([name, ...cells])
  }
  return table.toString()
}

export function judgementTable(judgements: readonly Judgement[]): string {
  const table = plainTable(['figure', 'of', 'median', 'smallest … largest', 'target', ''])
  for (const { title, of, measured, limit, passed } of judgements) {
    const digits = measured !== undefined && measured.median > 20 ? 0 : 3
    const range = measured && `${measured.min.toFixed(digits)} … ${measured.max.toFixed(digits)}`
    const median = measured?.median.toFixed(digits) ?? 'not measured'
    table.push([title, of, median, range ?? '–', limit, passed ? 'pass' : 'FAIL'])
  }
  return table.toString()
}

function spread({ median, min, max, rounds }: Summary, digits: number): string {
  const range = rounds === 1 ? '' : ` (${min.toFixed(digits)} … ${max.toFixed(digits)})`
  return `${median.toFixed(digits)}${range}`
}

export function plainTable(head: string[]): Table.Table {
  return new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: ['left'],
  })
}
