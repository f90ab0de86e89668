import { linesFigure, type Series } from '../charts/lines.js'
import { roundsText, rowsFigure } from '../charts/rows.js'
import type { BenchEvidence, Cell, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { number } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { seriesOf, variesBy } from './series.js'

const base = 'raw-epoll'

/** CPU and rate of an echo, and how long it takes, against the same work in C. */
export function echoSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('echo')
  const cpu = bench.cells('cpuNs')
  const ratios = bench.ratios('cpuNs', base)
  const rates = bench.cells('perSecond')
  return benchSection(
    [bench],
    [
      ratios.length === 0
        ? undefined
        : rowsFigure({
            title: `CPU per echo, as multiples of ${base}`,
            note: `Below 1 is cheaper than the same work in C. Taken within each round. ${base}-again is the same program: its distance from 1 is what the method can tell.`,
            cells: ratios.filter((it) => !isSlow(it)),
            axis: `CPU per echo / ${base}`,
            as: 'dots',
          }),
      cpu.length === 0
        ? undefined
        : rowsFigure({
            title: 'CPU per echo',
            cells: cpu,
            axis: 'process CPU per echo',
            as: 'dots',
          }),
      rates.length === 0
        ? undefined
        : rowsFigure({ title: 'Echoes per second', cells: rates, axis: 'echoes per second' }),
      bySize(cpu),
      ...latencies(bench),
    ],
    'A client sends, the server sends the same bytes back, and every byte is compared. The servers take turns within a round, each on a core of its own.',
  )
}

// Several times as dear as the rest: among them the hundredths would not be seen. It is in the next plot.
const isSlow = ({ contestant }: Cell): boolean => /^node\b/.test(contestant)

function bySize(cpu: readonly Cell[]): Figure | undefined {
  const sized = cpu.filter(({ parameters }) => parameters.requestBytes !== undefined)
  const counts = sized.map(({ parameters }) => parameters.connections)
  // Of the number of connections at which most sizes were measured.
  const most = [...new Set(counts)].sort(
    (a, b) => counts.filter((it) => it === b).length - counts.filter((it) => it === a).length,
  )[0]
  const chosen = sized.filter(
    ({ parameters }) =>
      parameters.connections === most && (parameters.inFlight ?? parameters.window ?? 1) === 1,
  )
  if (!variesBy(chosen, 'requestBytes')) return undefined
  return linesFigure({
    title: 'CPU per echo by message size',
    note: `${most === undefined ? '' : `${number(most)} connections. `}${roundsText(chosen)}`,
    x: {
      label: 'message, bytes',
      log: true,
      ticks: [...new Set(chosen.map((it) => it.parameters.requestBytes ?? 0))].filter(
        (it) => it > 0,
      ),
    },
    y: { label: 'CPU per echo, ns', log: true },
    series: seriesOf(chosen, 'requestBytes'),
  })
}

/** Of each scenario with a histogram the percentiles, the axis stretched towards 100 %. */
function latencies(bench: BenchEvidence): Figure[] {
  return bench.scenarios.flatMap((scenario) => {
    const series = bench.contestants.flatMap((contestant, color): Series[] => {
      const rounds = bench.samples.filter(
        (it) => it.scenario === scenario && it.contestant === contestant,
      )
      const last = rounds.flatMap((it) => it.percentiles?.latencyUs ?? [])
      const points = last.filter(({ percent }) => percent < 100)
      const percents = [...new Set(points.map(({ percent }) => percent))].sort((a, b) => a - b)
      return [
        {
          name: contestant,
          color,
          dotless: true,
          points: percents.map((percent) => ({
            x: 100 / (100 - percent),
            y: median(points.filter((it) => it.percent === percent).map(({ value }) => value)),
          })),
        },
      ]
    })
    const measured = series.filter(({ points }) => points.length > 1)
    if (measured.length === 0) return []
    return [
      linesFigure({
        title: `Time to the answer, ${scenario}`,
        note: 'Median over the rounds of each percentile. From the send to the receive of every request; 99.9 % of the answers came within the time at 99.9 %.',
        x: {
          label: 'share of the answers',
          log: true,
          ticks: [1, 2, 10, 100, 1000, 10_000].filter((it) => it <= reach(measured)),
          tick: (x) => `${Number((100 - 100 / x).toPrecision(6))} %`,
        },
        y: { label: 'time, µs', log: true },
        series: measured,
      }),
    ]
  })
}

function reach(series: readonly Series[]): number {
  return Math.max(...series.flatMap(({ points }) => points.map(({ x }) => x)))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}
