import { linesFigure } from '../charts/lines.js'
import { roundsText } from '../charts/rows.js'
import type { BenchEvidence, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { quantity, unitOf, wordsOf } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { barsOf } from './generic.js'
import { seriesOf, variesBy } from './series.js'

/** What it adds to an accept: keepalive off, inherited from the listener, set on each socket. */
export function keepaliveSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('keepalive')
  const names = bench.figures.filter((figure) => /ns$|calls/i.test(figure)).slice(0, 4)
  return benchSection(
    [bench],
    names.map((figure) => byConnections(bench, figure)),
    'Settings that an accepted socket inherits from its listener cost no system call; settings of its own cost one each.',
  )
}

/** Lines over the number of connections where there are several, bars where there is one. */
export function byConnections(bench: BenchEvidence, figure: string): Figure | undefined {
  const cells = bench.cells(figure)
  if (!variesBy(cells, 'connections')) return barsOf(bench, figure)
  const unit = unitOf(figure)
  const label = unit === '' ? wordsOf(figure) : `${wordsOf(figure)}, ${unit}`
  const largest = Math.max(...cells.map(({ median }) => median))
  return linesFigure({
    title: `${label.charAt(0).toUpperCase()}${label.slice(1)}, by connections`,
    note: `${roundsText(cells)} The largest is ${quantity(largest, unit)}.`,
    x: { label: 'connections', log: true },
    y: { label },
    series: seriesOf(cells, 'connections'),
  })
}
