import { badArgument } from './usage.js'

const UNITS_MS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const
const DURATION = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|min|h)$/
const NUMBER = /^\d{1,15}(?:\.\d{1,15})?(?:e-?\d{1,3})?$/i

/** Whole milliseconds from a text such as 500ms, 40s, 1.5min or 1h; a number alone has no meaning. */
export function durationArgument(flag: string, text: string, minMs: number): number {
  const [, number = '', unit = 'ms'] = DURATION.exec(text) ?? []
  // Six digits of an hour are 3.6 ms apart: rounded away, they would be another duration.
  const exactMs = Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS]
  const ms = Math.round(exactMs)
  if (number === '' || Math.abs(exactMs - ms) > 1e-3 || ms < minMs) {
    const least = minMs === 0 ? '' : ` of at least ${minMs} ms`
    throw badArgument(flag, text, `a duration${least}, such as 500ms, 40s, 4min or 1h`)
  }
  return ms
}

/** A share from 0 to `below`, as 1% or as 0.01. */
export function shareArgument(flag: string, text: string, allowed: string): number {
  const percent = text.endsWith('%')
  const value = numberFrom(percent ? text.slice(0, -1) : text) / (percent ? 100 : 1)
  if (Number.isNaN(value) || value > 1) {
    throw badArgument(flag, text, allowed)
  }
  return value
}

/** A number from 0, in whatever unit `allowed` names. */
export function amountArgument(flag: string, text: string, allowed: string): number {
  const value = numberFrom(text)
  if (!Number.isFinite(value)) {
    throw badArgument(flag, text, allowed)
  }
  return value
}

function numberFrom(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN
}
