import { linesFigure, type Series } from '../charts/lines.js'
import { roundsText, rowsFigure } from '../charts/rows.js'
import type { BenchEvidence, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { labelOf, number } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { figureWords } from '../words/figures.js'
import { barsOf } from './generic.js'
import { lookOf, seriesOf, variesBy } from './series.js'

/** CPU and rate of an echo, and how long it takes, against the same work in C. */
export function echoSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('echo')
  const sizes = evidence.of('sizes')
  return benchSection(
    [bench, sizes],
    [
      ratios(bench, 'cpuNs', 'raw-epoll', {
        title: 'CPU per echo, as multiples of raw-epoll',
        note: 'Lower is better: below 1 is cheaper than the same work in C. Taken within each round. raw-epoll-again is the same program: its distance from 1 is what the method can tell.',
        axis: 'CPU per echo / raw-epoll',
      }),
      ratios(bench, 'perSecond', 'node-net', {
        title: 'Echoes per second, as multiples of node-net',
        note: 'Higher is better. Where the load generator’s core is full before the server’s, it is at least that.',
        axis: 'echoes per second / node-net',
      }),
      over(bench, 'cpuNs', 'connections') ?? barsOf(bench, 'cpuNs'),
      over(bench, 'perSecond', 'connections') ?? barsOf(bench, 'perSecond'),
      over(sizes, 'cpuNs', 'requestBytes'),
      over(sizes, 'perSecond', 'requestBytes'),
      latencies(bench),
    ],
    'A client sends, the server sends the same bytes back, and every byte is compared. The servers take turns within a round.',
  )
}

/** The same echo by other people's servers. */
export function peersSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('peers')
  return benchSection(
    [bench],
    [barsOf(bench, 'cpuNs'), barsOf(bench, 'perSecond'), latencies(bench)],
    'HAProxy and nginx pass every echo on to raw-epoll behind them, over a second connection: they are here for scale, not as rivals.',
  )
}

// Several times as dear as the rest: among them hundredths would not be seen.
const isSlow = ({ contestant }: { contestant: string }): boolean => /^node\b/.test(contestant)
const isAgain = ({ contestant }: { contestant: string }): boolean => contestant.endsWith('-again')

function ratios(
  bench: BenchEvidence,
  figure: string,
  against: string,
  words: { title: string; note: string; axis: string },
): Figure | undefined {
  const cells = bench.ratios(figure, against).filter((cell) => !isSlow(cell))
  const shown = against === 'node-net' ? cells.filter((cell) => !isAgain(cell)) : cells
  return shown.length === 0 ? undefined : rowsFigure({ ...words, cells: shown, as: 'dots' })
}

/** One request in flight, over one parameter, where the others are what they are most often. */
function over(bench: BenchEvidence, figure: string, parameter: string): Figure | undefined {
  const other = parameter === 'connections' ? 'requestBytes' : 'connections'
  const single = bench
    .cells(figure)
    .filter((cell) => !isAgain(cell) && (cell.parameters.inFlight ?? 1) === 1)
    .filter((cell) => cell.parameters[parameter] !== undefined)
  const most = mostFrequent(single.map(({ parameters }) => parameters[other]))
  const cells = single.filter(({ parameters }) => parameters[other] === most)
  if (!variesBy(cells, parameter)) return undefined
  const places = [...new Set(cells.map(({ parameters }) => parameters[parameter] as number))]
  const fixed =
    most === undefined
      ? ''
      : `${number(most)} ${other === 'connections' ? 'connections' : 'bytes'}. `
  const { title, axis, note } = figureWords(bench.name, figure)
  return linesFigure({
    title,
    note: `One request in flight each. ${fixed}${note} ${roundsText(cells)}`,
    x: {
      label: parameter === 'connections' ? 'connections' : 'message, bytes',
      log: true,
      ...(parameter === 'requestBytes' && { ticks: places, tick: number }),
    },
    y: { label: labelOf(figure, axis), log: true },
    series: seriesOf(cells, parameter),
  })
}

function mostFrequent(values: readonly (number | undefined)[]): number | undefined {
  const count = (of: number | undefined): number => values.filter((it) => it === of).length
  return [...new Set(values)].sort((a, b) => count(b) - count(a))[0]
}

/** The percentiles of each scenario with a histogram, the axis stretched towards 100 %. */
function latencies(bench: BenchEvidence): Figure | undefined {
  const contestants = bench.contestants.filter((contestant) => !isAgain({ contestant }))
  const series = bench.scenarios.flatMap((scenario) =>
    contestants.map((contestant): Series => {
      const all = bench.samples
        .filter((it) => it.scenario === scenario && it.contestant === contestant)
        .flatMap((it) => it.percentiles?.latencyUs ?? [])
        .filter(({ percent }) => percent < 100)
      const percents = [...new Set(all.map(({ percent }) => percent))].sort((a, b) => a - b)
      const points = percents.map((percent) => ({
        x: 100 / (100 - percent),
        y: middle(all.filter((it) => it.percent === percent).map(({ value }) => value)),
      }))
      const panel = bench.placeOf(scenario)
      return { name: contestant, panel, ...lookOf(contestant), points }
    }),
  )
  const places = series.flatMap(({ points }) => points.map(({ x }) => x))
  if (places.length === 0) return undefined
  return linesFigure({
    title: 'Time to the answer',
    note: 'The median over the rounds of each percentile, from the send to the receive of every request: 99.9\u00a0% of the answers came within the time at 99.9\u00a0%. Lower is better.',
    x: {
      label: 'share of the answers',
      log: true,
      ticks: [2, 10, 100, 1000, 10_000, 100_000].filter((it) => it <= Math.max(...places)),
      tick: (x) => `${Number((100 - 100 / x).toPrecision(7))}%`,
    },
    y: { label: 'time, µs', log: true },
    series,
  })
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}
