import { linesFigure } from '../charts/lines.js'
import { roundsText } from '../charts/rows.js'
import type { BenchEvidence, Cell, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { period, unitOf, wordsOf } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { barsOf } from './generic.js'
import { seriesOf } from './series.js'

const figures = [
  'probesPerSecond',
  'bytesPerConnectionDay',
  'machineCpuCores',
  'softirqCpuCores',
  'processCpuCores',
  'wakeupsPerSecond',
]

/** Idle connections by the ten thousand: what asking whether they live costs, and who asks cheaper. */
export function probesSection(evidence: Evidence): Section | undefined {
  const probes = evidence.of('probes')
  const heartbeat = evidence.of('heartbeat')
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

/** Over the number of connections on two log axes, a line for each who asks and how often. */
function byPeriod(bench: BenchEvidence, figure: string): Figure | undefined {
  const cells = bench.cells(figure)
  const series = seriesOf(cells, 'connections', whoAndPeriod)
  if (series.length === 0) return undefined
  const unit = unitOf(figure)
  const words = wordsOf(figure)
  return linesFigure({
    title: `${words.charAt(0).toUpperCase()}${words.slice(1)} of idle connections`,
    note: `${roundsText(cells)} A zero stands at the lower edge.`,
    x: { label: 'connections', log: true },
    y: { label: unit === '' ? words : `${words}, ${unit}`, log: true },
    series,
  })
}

export function whoAndPeriod({ contestant, parameters }: Cell): string {
  const idleMs = parameters.idleMs
  return idleMs === undefined ? contestant : `${contestant}, ${period(idleMs)}`
}
