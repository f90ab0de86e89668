import { linesFigure, type Series } from '../charts/lines.js'
import { roundsText, rowsFigure } from '../charts/rows.js'
import type { BenchEvidence, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { labelOf, period } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { barsOf } from './generic.js'
import { seriesOf } from './series.js'

const titles = {
  asksPerSecond: 'Questions per second',
  bytesPerConnectionDay: 'Bytes on the wire, both ways',
  machineCpuCores: 'CPU of the whole machine, both ends',
  serverCpuCores: 'CPU of the servers’ processes',
  softirqCores: 'CPU in no process: the kernel’s own, in softirqs',
  cpuUs: 'CPU of one question, both ends',
  wakeUpsPerSecond: 'Wake-ups of the servers',
} as const

/** Idle connections by the ten thousand: what asking whether they live costs, and who asks cheaper. */
export function probesSection(evidence: Evidence): Section | undefined {
  const probes = evidence.of('probes')
  return benchSection(
    [probes],
    Object.entries(titles).map(([figure, title]) => byPeriod(probes, figure, title)),
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
            note: 'At the same bound for finding a dead peer.',
            cells: ratios,
            axis: 'CPU a beat / CPU a probe',
          }),
      barsOf(bench, 'cpuUs', 'CPU of the machine, a question', 'Both ends together.'),
    ],
  )
}

/** Over the number of connections on two log axes: how often is a color, who asks a symbol. */
function byPeriod(bench: BenchEvidence, figure: string, title: string): Figure | undefined {
  const all = bench.cells(figure)
  const asked = all.filter(({ contestant }) => contestant !== 'keepalive-off')
  const cells = figure === 'asksPerSecond' ? asked : all
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
    title,
    note: `By who asks, and how long a connection is idle before it is asked. ${roundsText(cells)} A zero stands at the lower edge.`,
    x: { label: 'connections', log: true },
    y: { label: labelOf(figure), log: true },
    series,
  })
}
