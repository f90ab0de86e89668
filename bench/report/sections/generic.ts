import { rowsFigure } from '../charts/rows.js'
import type { BenchEvidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { capitalized, wordsOf } from '../format.js'
import { benchSection, type Section } from '../section.js'

/** A bench without a section of its own: bars of its first figure, and all of them as a table. */
export function genericSection(bench: BenchEvidence): Section | undefined {
  return benchSection([bench], [barsOf(bench, bench.figures[0])])
}

/** Bars of one figure by contestant, a panel for each scenario. */
export function barsOf(
  bench: BenchEvidence,
  figure: string | undefined,
  title?: string,
  note?: string,
): Figure | undefined {
  if (figure === undefined) return undefined
  const cells = bench.cells(figure)
  if (cells.length === 0) return undefined
  const words = wordsOf(figure)
  return rowsFigure({
    title: title ?? capitalized(words),
    cells,
    axis: words,
    ...(note === undefined ? {} : { note }),
  })
}
