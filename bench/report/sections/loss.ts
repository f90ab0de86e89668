import { type LinePoint, linesFigure, type Series } from '../charts/lines.js'
import type { Cell, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { number, short } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { scenarioText } from '../words/scenarios.js'

/** How many healthy connections random loss ends, against what the model says. */
export function lossSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('loss')
  const killed = bench.cells('killed')
  const expected = bench.cells('expected')
  const low = bench.cells('killedLow')
  const high = bench.cells('killedHigh')
  return benchSection(
    [bench],
    [lossFigure(killed, expected, low, high)],
    'Segments are dropped at random, each way. Every connection here is healthy, so every one that ends is a mistake: the price of a short bound.',
  )
}

/** Of connections, where the logarithm ends. */
const leastDrawn = 0.1

function lossFigure(
  killed: readonly Cell[],
  expected: readonly Cell[],
  low: readonly Cell[],
  high: readonly Cell[],
): Figure | undefined {
  const names = [...new Set(killed.map(policyOf))]
  const servers = [...new Set(killed.map(({ contestant }) => contestant))]
  const same = (cells: readonly Cell[], cell: Cell): number | undefined =>
    cells.find((it) => it.scenario === cell.scenario && it.contestant === cell.contestant)?.median
  const rangeOf = (cell: Cell): LinePoint[] =>
    pointOf(cell).map((point) => ({
      ...point,
      low: same(low, cell) ?? cell.min,
      high: same(high, cell) ?? cell.max,
    }))
  const series = servers.flatMap((panel) =>
    names.flatMap((name, color): Series[] => {
      const own = (cell: Cell): boolean => cell.contestant === panel && policyOf(cell) === name
      const common = { name, panel, color, symbol: color }
      return [
        { ...common, computed: true, points: expected.filter(own).flatMap(rangeOf) },
        { ...common, unconnected: true, points: killed.filter(own).flatMap(pointOf) },
      ]
    }),
  )
  const points = series.flatMap((it) => it.points)
  if (points.length === 0) return undefined
  const shares = points.map(({ x }) => x)
  const most = Math.max(...points.map(({ y, high: top }) => Math.max(y, top ?? y)))
  return linesFigure({
    title: 'Healthy connections ended by loss',
    note: 'The dashed line is the model of holdfast plan; its thin lines are the range that chance leaves around it. A dot is what was counted. Fewer than a tenth of a connection stand at the lower edge, as 0. Lower is better.',
    x: {
      label: 'loss each way, %',
      log: true,
      ticks: [...new Set(shares)].sort((a, b) => a - b),
      tick: number,
    },
    y: {
      label: 'connections ended',
      log: true,
      domain: [leastDrawn, Math.max(1, most * 1.5)],
      tick: (value) => (value <= leastDrawn ? '0' : short(value)),
    },
    series,
  })
}

function policyOf({ contestant, scenario, parameters }: Cell): string {
  // The loss is a parameter, so what remains of the scenario's name is the policy.
  const rest = scenario.replace(/,?\s*(loss )?[\d.]+ ?%( loss| each way)?,?\s*/, ' ').trim()
  const count = parameters.count
  const name = rest === '' ? contestant : scenarioText(rest)
  return count === undefined || /probe|count/.test(name)
    ? name
    : scenarioText(`${name}, ${count} probes`)
}

function pointOf({ parameters, median }: Cell): LinePoint[] {
  const loss = parameters.lossPercent ?? (parameters.loss ?? 0) * 100
  return loss > 0 ? [{ x: Number(loss.toPrecision(6)), y: median }] : []
}
