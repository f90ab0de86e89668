import { linesFigure, type Series } from '../charts/lines.js'
import { roundsText, rowsFigure } from '../charts/rows.js'
import type { BenchEvidence, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { labelOf, period } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { figureWords } from '../words/figures.js'
import { barsOf } from './generic.js'
import { lookOf, noiseText, seriesOf } from './series.js'

const figures = [
  ...['asksPerSecond', 'bytesPerConnectionDay', 'machineCpuCores', 'serverCpuCores'],
  ...['softirqCores', 'cpuUs', 'wakeUpsPerSecond'],
]

/** Idle connections by the ten thousand: what asking whether they live costs, and who asks cheaper. */
export function probesSection(evidence: Evidence): Section | undefined {
  const probes = evidence.of('probes')
  return benchSection(
    [probes],
    figures.map((figure) => byPeriod(probes, figure)),
    'The kernel asks by itself and wakes no process; a heartbeat is a message that an application sends, hears and answers. What both cost is what asking added to a quiet window before and one behind; keepalive-off is the quiet windows themselves.',
  )
}

/** Both ask as often, of the same connections: what one question costs. */
export function heartbeatSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('heartbeat')
  const ratios = bench.ratios('cpuUs', 'kernel-probes')
  return benchSection(
    [bench],
    [
      ratios.length === 0
        ? undefined
        : rowsFigure({
            title: 'CPU of a heartbeat, as multiples of a kernel probe',
            note: 'At the same bound for finding a dead peer. Above 1 the kernel asks cheaper.',
            cells: ratios,
            axis: 'CPU a beat / CPU a probe',
          }),
      barsOf(bench, 'cpuUs'),
    ],
  )
}

/** Over the number of connections on two log axes: who asks is a color, how often a symbol. */
function byPeriod(bench: BenchEvidence, figure: string): Figure | undefined {
  const all = bench.cells(figure)
  const asked = all.filter(({ contestant }) => contestant !== 'keepalive-off')
  const cells = figure === 'asksPerSecond' ? asked : all
  const periods = [...new Set(cells.map(({ parameters }) => parameters.idleMs ?? 0))].sort(
    (a, b) => a - b,
  )
  const series = bench.contestants.flatMap((contestant) =>
    periods.flatMap((idleMs, symbol): Series[] => {
      const some = cells.filter(
        (cell) => cell.contestant === contestant && (cell.parameters.idleMs ?? 0) === idleMs,
      )
      const name = idleMs === 0 ? contestant : `${contestant}, ${period(idleMs)}`
      return seriesOf(some, 'connections', () => name).map((it) => ({
        ...it,
        color: lookOf(contestant).color,
        symbol,
      }))
    }),
  )
  if (!series.some(({ points }) => points.some(({ y }) => y > 0))) return undefined
  const { title, axis, note } = figureWords(bench.name, figure)
  return linesFigure({
    title,
    note: `By who asks (color), and how long a connection is idle before it is asked (symbol). ${note} ${roundsText(cells)} A zero stands at the lower edge.${noiseText(cells)}`,
    x: { label: 'connections', log: true },
    y: { label: labelOf(figure, axis), log: true },
    series,
  })
}
