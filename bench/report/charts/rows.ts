import * as Plot from '@observablehq/plot'
import { type Cell, goalText, isBaseline } from '../evidence.js'
import { type Figure, fontPx, isNarrow, type Key, type Panel } from '../figure.js'
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

const rowPx = 42
// In parts of a row: the line of text, and the bar below it.
const textAt = 0.28
const bar = { top: 0.52, middle: 0.7, bottom: 0.88 } as const

/** One row for each contestant with its name and value written above: a panel for each scenario. */
export function rowsFigure({ title, note, cells, axis, as = 'bars' }: RowsOptions): Figure {
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))]
  const values = cells.flatMap(({ min, max, goal }) => [min, max, ...(goal ? [goal.limit] : [])])
  const low = as === 'bars' ? Math.min(0, ...values) : Math.min(...values)
  const room = (Math.max(...values) - low) * 0.04 || 1
  const domain = [as === 'bars' ? low : low - room, Math.max(...values) + room] as const
  const unit = cells[0]?.unit ?? ''
  const label = unit === '' ? axis : `${axis}, ${unit}`
  const panels = scenarios.map(
    (scenario): Panel => ({
      ...(scenarios.length > 1 || scenario !== '' ? { heading: scenario } : {}),
      draw: (widthPx) =>
        drawRows(
          cells.filter((cell) => cell.scenario === scenario),
          { as, domain, label, widthPx },
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
  readonly widthPx: number
}

const colorOf = (cell: Cell): string =>
  isBaseline(cell.contestant) ? 'var(--other)' : 'var(--series-1)'

function drawRows(cells: readonly Cell[], { as, domain, label, widthPx }: Drawing) {
  const rows = cells.map((cell, at) => ({ ...cell, at }))
  const ranged = rows.filter(({ rounds }) => rounds > 1)
  const goals = rows.flatMap((row) => (row.goal === undefined ? [] : [{ ...row, goal: row.goal }]))
  type Row = (typeof rows)[number]
  const at = (part: number) => (row: Row) => row.at + part
  const values: Plot.Markish =
    as === 'bars'
      ? Plot.rect(rows, { x1: 0, x2: 'median', y1: at(bar.top), y2: at(bar.bottom), fill: colorOf })
      : Plot.dot(rows, { x: 'median', y: at(bar.middle), fill: colorOf, r: 5 })
  return {
    height: rows.length * rowPx + 44,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 0,
    marginBottom: 44,
    x: {
      domain: [...domain],
      label,
      labelArrow: 'none' as const,
      labelAnchor: 'center' as const,
      grid: true,
      ticks: isNarrow(widthPx) ? 4 : 8,
      tickFormat: short,
      tickSize: 0,
    },
    y: { domain: [rows.length, 0], axis: null },
    marks: [
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
        y: at(textAt),
        text: 'contestant',
        fill: 'var(--ink)',
        fontSize: fontPx,
      }),
      Plot.text(rows, {
        frameAnchor: 'right',
        y: at(textAt),
        text: (row: Row) => valueText(row, widthPx),
        fill: 'var(--ink)',
        fontSize: fontPx,
      }),
    ],
  }
}

function valueText(cell: Cell, widthPx: number): string {
  const goal = cell.goal === undefined ? '' : ` · goal ${goalText(cell.goal)}`
  return `${isNarrow(widthPx) ? quantity(cell.median, cell.unit) : spread(cell)}${goal}`
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
