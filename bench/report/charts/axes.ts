import * as Plot from '@observablehq/plot'
import { short } from '../format.js'

export interface Axis {
  readonly label: string
  readonly log?: boolean
  /** Default: short(value). */
  readonly tick?: (value: number) => string
  readonly domain?: readonly [number, number]
  readonly ticks?: readonly number[]
}

/** A scale for these values, with as many ticks as there is room for. */
export function scaleOf(axis: Axis, values: readonly number[]) {
  const { log = false } = axis
  const [low, high] =
    axis.domain ?? (log ? logDomain(values) : [Math.min(0, ...values), Math.max(...values)])
  const domain = [low, high === low ? low + 1 : high] as const
  const type = log ? ('log' as const) : ('linear' as const)
  return { type, domain: [...domain], nice: !log && axis.domain === undefined, axis: null }
}

/** The grid and the words of an axis. Plot leaves out words of a log axis that it finds too many. */
export function axisMarks(
  which: 'x' | 'y',
  axis: Axis,
  domain: readonly number[],
  ticksMax: number,
) {
  const { label, log = false, tick = short } = axis
  const [low = 0, high = 1] = domain
  const given = axis.ticks ?? (log ? logTicks(low, high, ticksMax) : undefined)
  const ticks = given === undefined ? { ticks: ticksMax } : { ticks: thinned(given, ticksMax) }
  const common = { ...ticks, tickSize: 0, label, labelArrow: 'none' as const }
  const text = (value: number): string => tick(value)
  return which === 'x'
    ? [Plot.gridX(ticks), Plot.axisX({ ...common, text, labelAnchor: 'center' })]
    : [Plot.gridY(ticks), Plot.axisY({ ...common, text, labelAnchor: 'top' })]
}

function logDomain(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0) return [0.1, 10]
  return [Math.min(...positive) / 1.5, Math.max(...positive) * 1.5]
}

/** Whole decades, thinned out where they are many, with 2 and 5 where they are few. */
export function logTicks(low: number, high: number, ticksMax: number): number[] {
  const first = Math.floor(Math.log10(low))
  const last = Math.ceil(Math.log10(high))
  const within = (value: number): boolean => value >= low && value <= high
  const decades = Array.from({ length: last - first + 1 }, (_, at) => first + at)
  const power = (exponent: number): number => Number(`1e${exponent}`)
  const fine = decades.flatMap((it) => [1, 2, 5].map((digit) => digit * power(it))).filter(within)
  if (fine.length <= Math.min(ticksMax, 6)) return fine
  const coarse = decades.map(power).filter(within)
  return thinned(coarse, ticksMax)
}

function thinned(ticks: readonly number[], most: number): number[] {
  const step = Math.ceil(ticks.length / most)
  return ticks.filter((_, at) => at % step === 0)
}
