import * as Plot from '@observablehq/plot'
import { type Cell, goalText, isBaseline } from '../evidence.js'
import { type Figure, fontPx, halo, isNarrow, type Key, type Panel } from '../figure.js'
import { quantity, short } from '../format.js'
import { cellTable, spread } from '../table.js'

export interface RowsOptions {
  readonly title: string
  readonly note?: string
  readonly cells: readonly Cell[]
  /** What the axis says: CPU per echo. The unit is added. */
  readonly axis: string
  /** Lengths from zero, or places on an axis that leaves zero out. Default: bars. */
  readonly as?: 'bars' | 'dots'
}

// In parts of a row: where there is no room beside it, the text stands above the bar.
const beside = { rowPx: 25, textAt: 0.5, top: 0.2, middle: 0.5, bottom: 0.8 } as const
const above = { rowPx: 42, textAt: 0.28, top: 0.52, middle: 0.7, bottom: 0.88 } as const
/** Of a sans-serif font, on the safe side; what is longer runs into the plot, above its grid. */
const letterPx = fontPx * 0.56

/** One row for each contestant with its name and value written above: a panel for each scenario. */
export function rowsFigure({ title, note, cells, axis, as = 'bars' }: RowsOptions): Figure {
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))]
  const values = cells.flatMap(({ min, max, goal, belowNoise }) => [
    ...(belowNoise ? [] : [min, max]),
    ...(goal ? [goal.limit] : []),
  ])
  // Where nothing is above the noise, an empty axis.
  if (values.length === 0) values.push(0, 1)
  const low = as === 'bars' ? Math.min(0, ...values) : Math.min(...values)
  const room = (Math.max(...values) - low) * 0.04 || 1
  const domain = [as === 'bars' ? low : low - room, Math.max(...values) + room] as const
  const unit = cells[0]?.unit ?? ''
  const label = unit === '' ? axis : `${axis}${unit.startsWith('/') ? '' : ', '}${unit}`
  const panels = scenarios.map(
    (scenario): Panel => ({
      ...(scenarios.length > 1 || scenario !== ''
        ? { heading: cells.find((cell) => cell.scenario === scenario)?.place ?? scenario }
        : {}),
      draw: (widthPx) =>
        drawRows(
          cells.filter((cell) => cell.scenario === scenario),
          { as, domain, label, all: cells, widthPx },
        ),
    }),
  )
  return {
    title,
    note: [note ?? '', roundsText(cells)].join(' ').trim(),
    legend: legendOf(cells),
    panels,
    table: cellTable(cells),
  }
}

/** How many rounds stand behind the figures, in words. */
export function roundsText(cells: readonly Cell[]): string {
  const rounds = cells.map((cell) => cell.rounds)
  const least = Math.min(...rounds)
  const most = Math.max(...rounds)
  if (most <= 1) return 'One round: no spread.'
  const count = least === most ? `${most}` : `${least} to ${most}`
  return `Median of n = ${count} rounds; the thin line is the smallest to the largest.`
}

interface Drawing {
  readonly as: 'bars' | 'dots'
  readonly domain: readonly [number, number]
  readonly label: string
  /** Of all panels. */
  readonly all: readonly Cell[]
  readonly widthPx: number
}

const colorOf = (cell: Cell): string =>
  isBaseline(cell.contestant) ? 'var(--other)' : 'var(--series-1)'

function drawRows(cells: readonly Cell[], { as, domain, label, all, widthPx }: Drawing) {
  const narrow = isNarrow(widthPx)
  const bar = narrow ? above : beside
  // The same for all panels, so that they can be compared.
  const longest = (texts: readonly string[]): number =>
    narrow ? 8 : Math.max(...texts.map((text) => text.length)) * letterPx + 14
  const marginLeft = longest(all.map(({ contestant }) => contestant))
  const marginRight = longest(all.map((cell) => valueText(cell, widthPx)))
  const rows = cells.map((cell, at) => ({ ...cell, at }))
  const drawn = rows.filter(({ belowNoise }) => belowNoise !== true)
  const ranged = drawn.filter(({ rounds }) => rounds > 1)
  const goals = rows.flatMap((row) => (row.goal === undefined ? [] : [{ ...row, goal: row.goal }]))
  const one = cells[0]?.unit === '×' && domain[0] < 1 && domain[1] > 1
  type Row = (typeof rows)[number]
  const at = (part: number) => (row: Row) => row.at + part
  const values: Plot.Markish =
    as === 'bars'
      ? Plot.rect(drawn, {
          x1: 0,
          x2: 'median',
          y1: at(bar.top),
          y2: at(bar.bottom),
          fill: colorOf,
        })
      : Plot.dot(drawn, { x: 'median', y: at(bar.middle), fill: colorOf, r: 5 })
  return {
    height: rows.length * bar.rowPx + 44,
    marginLeft,
    marginRight,
    marginTop: 0,
    marginBottom: 44,
    x: {
      domain: [...domain],
      label,
      labelArrow: 'none' as const,
      labelAnchor: 'center' as const,
      grid: true,
      ticks: narrow ? 4 : 6,
      tickFormat: short,
      tickSize: 0,
    },
    y: { domain: [rows.length, 0], axis: null },
    marks: [
      ...(one ? [Plot.ruleX([1], { stroke: 'var(--muted)' })] : []),
      values,
      Plot.ruleY(ranged, {
        x1: 'min',
        x2: 'max',
        y: at(bar.middle),
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
      }),
      ...(['min', 'max'] as const).map((end) =>
        Plot.ruleX(ranged, {
          x: end,
          y1: at(bar.top + 0.08),
          y2: at(bar.bottom - 0.08),
          stroke: 'var(--ink)',
          strokeWidth: 1.5,
        }),
      ),
      Plot.ruleX(goals, {
        x: (row) => row.goal.limit,
        y1: at(bar.top - 0.1),
        y2: at(bar.bottom + 0.1),
        stroke: 'var(--goal)',
        strokeWidth: 2,
        strokeDasharray: '4 2',
      }),
      Plot.text(rows, {
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: narrow ? 0 : -marginLeft,
        y: at(bar.textAt),
        text: 'contestant',
        ...halo,
      }),
      Plot.text(rows, {
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: narrow ? 0 : marginRight,
        y: at(bar.textAt),
        text: (row: Row) => valueText(row, widthPx),
        ...halo,
      }),
    ],
  }
}

function valueText(cell: Cell, widthPx: number): string {
  const goal = cell.goal === undefined ? '' : ` · goal ${goalText(cell.goal)}`
  if (!isNarrow(widthPx)) return `${spread(cell)}${goal}`
  const value = cell.belowNoise ? 'below noise' : quantity(cell.median, cell.unit)
  const letters = `${cell.contestant}  ${value}${goal}`.length
  return letters * letterPx < widthPx ? `${value}${goal}` : value
}

function legendOf(cells: readonly Cell[]): Key[] {
  const swatch = (name: string, fill: string): Key => ({
    name,
    marks: [Plot.rect([0], { x1: 0, x2: 2, y1: 0.3, y2: 1.7, fill })],
  })
  const some = (is: (cell: Cell) => boolean, key: Key): Key[] => (cells.some(is) ? [key] : [])
  return [
    ...some((it) => !isBaseline(it.contestant), swatch('holdfast', 'var(--series-1)')),
    ...some((it) => isBaseline(it.contestant), swatch('compared with', 'var(--other)')),
    ...some((it) => it.goal !== undefined, {
      name: 'goal',
      marks: [Plot.ruleX([1], { stroke: 'var(--goal)', strokeWidth: 2, strokeDasharray: '4 2' })],
    }),
  ]
}
