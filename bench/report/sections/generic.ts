import { rowsFigure } from '../charts/rows.js'
import type { BenchEvidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { benchSection, type Section } from '../section.js'
import { figureWords } from '../words/figures.js'

// What most benches are about, the most telling first; and what only says how much was done.
const telling = ['cpuNs', 'keptRate', 'deadlineCpuPercent', 'wallMs', 'maxMs', 'perSecond']
const counts = ['operations', 'connections', 'opened', 'verifiedBytes', 'disturbance']

/** A bench without a section of its own: bars of its most telling figure, and all of them as a table. */
export function genericSection(bench: BenchEvidence): Section | undefined {
  const figure = bench.first(...telling) ?? bench.figures.find((name) => !counts.includes(name))
  return benchSection([bench], [barsOf(bench, figure)])
}

/** Bars of one figure by contestant, a panel for each scenario. */
export function barsOf(bench: BenchEvidence, figure: string | undefined): Figure | undefined {
  if (figure === undefined) return undefined
  const cells = bench.cells(figure)
  if (cells.length === 0) return undefined
  return rowsFigure({ ...figureWords(bench.name, figure), cells })
}
