import * as Plot from '@observablehq/plot'
import { type Figure, halo, isNarrow, type Key } from '../figure.js'
import { number } from '../format.js'
import type { Table } from '../table.js'
import { type Axis, axisMarks, scaleOf } from './axes.js'

export interface LinePoint {
  readonly x: number
  readonly y: number
  readonly low?: number
  readonly high?: number
}

export interface Series {
  readonly name: string
  /** Of the style sheet's eight; the same for what belongs together. */
  readonly color: number
  /** Default: as the color. */
  readonly symbol?: number
  /** The plot that it is in, by its heading, where one would be too full. */
  readonly panel?: string
  /** From a formula, not from a measurement: dashed, without dots, and marked so. */
  readonly computed?: boolean
  /** Dots alone: what is between them says nothing. */
  readonly unconnected?: boolean
  readonly points: readonly LinePoint[]
}

export interface Mark {
  readonly at: number
  readonly label: string
}

export interface LinesOptions {
  readonly title: string
  readonly note: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** Dashed lines across: goals. */
  readonly goals?: readonly Mark[]
  /** Lines from top to bottom, with a few words beside them. */
  readonly verticals?: readonly Mark[]
  readonly table?: Table
}

const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye'] as const
const colorOf = ({ color }: Series): string => `var(--series-${(color % 8) + 1})`
const symbolOf = ({ color, symbol = color + Math.floor(color / 6) }: Series) =>
  symbols[symbol % 6] ?? 'circle'

/** Values against a number, a line for each series. On a log axis a zero stands at its lower edge. */
export function linesFigure(options: LinesOptions): Figure {
  const series = options.series.filter(({ points }) => points.length > 0)
  return {
    title: options.title,
    note: options.note,
    legend: legendOf(series, options.goals ?? []),
    panels: [...new Set(series.map(({ panel }) => panel))].map((panel) => ({
      ...(panel === undefined ? {} : { heading: panel }),
      draw: (widthPx) =>
        drawLines(
          { ...options, series: series.filter((it) => it.panel === panel) },
          series.flatMap(({ points }) => points),
          widthPx,
        ),
    })),
    table: options.table ?? tableOf(series, options.x, options.y),
  }
}

function drawLines(
  { x, y, series, goals = [], verticals = [] }: LinesOptions,
  points: readonly LinePoint[],
  widthPx: number,
) {
  const heights = points.flatMap(({ y: value, low, high }) => [value, low ?? value, high ?? value])
  const places = [...points.map((point) => point.x), ...verticals.map(({ at }) => at)]
  const narrow = isNarrow(widthPx)
  const yScale = scaleOf(y, [...heights, ...goals.map(({ at }) => at)])
  const xScale = scaleOf(x, places)
  const floor = yScale.domain[0] ?? 0
  const seen = (value: number): number => (y.log === true ? Math.max(value, floor) : value)
  return {
    height: narrow ? 300 : 360,
    marginLeft: 58,
    marginRight: narrow ? 14 : 24,
    marginTop: 30,
    marginBottom: 46,
    x: xScale,
    y: yScale,
    marks: [
      ...axisMarks('x', x, xScale.domain, narrow ? 5 : 9),
      ...axisMarks('y', y, yScale.domain, 6),
      ...goals.map(({ at }) =>
        Plot.ruleY([at], { stroke: 'var(--goal)', strokeWidth: 1.5, strokeDasharray: '6 3' }),
      ),
      ...verticals.flatMap(({ at, label }) => [
        Plot.ruleX([at], { stroke: 'var(--muted)', strokeDasharray: '2 3' }),
        Plot.text([label], {
          x: at,
          frameAnchor: 'top',
          textAnchor: 'start',
          dx: 6,
          dy: 4,
          ...halo,
        }),
      ]),
      ...series.flatMap((it) => marksOf(it, seen)),
    ],
  }
}

function marksOf(series: Series, seen: (value: number) => number): Plot.Markish[] {
  const stroke = colorOf(series)
  const points = [...series.points].sort((a, b) => a.x - b.x)
  const ranged = points.filter(({ low, high }) => low !== undefined && high !== undefined)
  const line = Plot.line(points, {
    x: 'x',
    y: (it: LinePoint) => seen(it.y),
    stroke,
    strokeWidth: 1.75,
    ...(series.computed === true ? { strokeDasharray: '5 4' } : {}),
  })
  const ranges = Plot.ruleX(ranged, {
    x: 'x',
    y1: (it: LinePoint) => seen(it.low ?? it.y),
    y2: (it: LinePoint) => seen(it.high ?? it.y),
    stroke,
    strokeWidth: 1.5,
  })
  const dots = Plot.dot(points, {
    x: 'x',
    y: (it: LinePoint) => seen(it.y),
    fill: stroke,
    stroke: 'var(--page)',
    strokeWidth: 1,
    symbol: symbolOf(series),
    r: 5,
  })
  return [
    ranges,
    ...(series.unconnected === true ? [] : [line]),
    ...(series.computed === true ? [] : [dots]),
  ]
}

function legendOf(series: readonly Series[], goals: readonly Mark[]): Key[] {
  const names = [...new Set(series.map(({ name }) => name))]
  const keys = names.map((name): Key => {
    const own = series.filter((it) => it.name === name)
    const computed = own.find((it) => it.computed === true)
    const measured = own.find((it) => it.computed !== true)
    const both = [computed, measured].flatMap((it) => (it === undefined ? [] : keyOf(it)))
    return { name: measured === undefined ? `${name} (computed)` : name, marks: both }
  })
  const goal = goals.map(
    ({ label }): Key => ({
      name: label,
      marks: [Plot.ruleY([1], { stroke: 'var(--goal)', strokeWidth: 1.5, strokeDasharray: '6 3' })],
    }),
  )
  return [...keys, ...goal]
}

/** A piece of its line, with one dot in the middle of it where it has dots. */
function keyOf(series: Series): Plot.Markish[] {
  const across = [0, 2].map((x) => ({ x, y: 1 }))
  const middle = [{ x: 1, y: 1 }]
  const marks = (changes: Partial<Series>) => marksOf({ ...series, ...changes }, (value) => value)
  if (series.computed === true) return marks({ points: across })
  const dot = marks({ points: middle, unconnected: true })
  if (series.unconnected === true) return dot
  return [Plot.ruleY([1], { stroke: colorOf(series), strokeWidth: 1.75 }), ...dot]
}

function tableOf(series: readonly Series[], x: Axis, y: Axis): Table {
  const paneled = series.some(({ panel }) => panel !== undefined)
  const range = ({ low, high }: LinePoint): string =>
    low === undefined || high === undefined ? '–' : `${number(low)} … ${number(high)}`
  return {
    head: ['series', x.label, y.label, 'range', 'how', ...(paneled ? ['in'] : [])],
    rows: series.flatMap((it) =>
      it.points.map((point) => [
        it.name,
        number(point.x),
        number(point.y),
        range(point),
        it.computed === true ? 'computed' : 'measured',
        ...(paneled ? [it.panel] : []),
      ]),
    ),
    left: [4, 5],
  }
}
