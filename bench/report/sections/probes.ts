import { linesFigure, type Series } from '../charts/lines.js'
import { roundsText } from '../charts/rows.js'
import type { BenchEvidence, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { capitalized, labelOf, period, wordsOf } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { barsOf } from './generic.js'
import { seriesOf } from './series.js'

/** Kept for tables: what says how the measuring went, and what is the same in every scenario. */
const aside = /^(connections|disturbance|held|lost|.*Seconds|sent|expected)/

/** Idle connections by the ten thousand: what asking whether they live costs, and who asks cheaper. */
export function probesSection(evidence: Evidence): Section | undefined {
  const probes = evidence.of('probes')
  const heartbeat = evidence.of('heartbeat')
  const figures = probes.figures.filter((figure) => !aside.test(figure))
  return benchSection(
    [probes, heartbeat],
    [
      ...figures.map((figure) => byPeriod(probes, figure)),
      barsOf(
        heartbeat,
        heartbeat.first('cpuUs', 'beatCpuUs', 'cpuNs') ?? heartbeat.figures[0],
        'A kernel probe against a heartbeat, CPU a beat',
        'The same bound for finding a dead peer; both ends together.',
      ),
    ],
    'The kernel asks by itself and wakes no process; a heartbeat is a message that an application sends, hears and answers.',
  )
}

/** Over the number of connections on two log axes: how often is a color, who asks a symbol. */
function byPeriod(bench: BenchEvidence, figure: string): Figure | undefined {
  const cells = bench.cells(figure)
  const periods = [...new Set(cells.map(({ parameters }) => parameters.idleMs ?? 0))].sort(
    (a, b) => a - b,
  )
  const series = bench.contestants.flatMap((contestant, symbol) =>
    periods.flatMap((idleMs, color): Series[] => {
      const some = cells.filter(
        (cell) => cell.contestant === contestant && (cell.parameters.idleMs ?? 0) === idleMs,
      )
      const name = idleMs === 0 ? contestant : `${contestant}, ${period(idleMs)}`
      return seriesOf(some, 'connections', () => name).map((it) => ({ ...it, color, symbol }))
    }),
  )
  if (!series.some(({ points }) => points.some(({ y }) => y > 0))) return undefined
  return linesFigure({
    title: capitalized(wordsOf(figure)),
    note: `By who asks, and how long a connection is idle before it is asked. ${roundsText(cells)} A zero stands at the lower edge.`,
    x: { label: 'connections', log: true },
    y: { label: labelOf(figure), log: true },
    series,
  })
}
