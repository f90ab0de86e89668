import { badArgument } from './usage.js'

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 } as const
const DURATION = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|min|h)$/
// A message shows those that the option takes.
const DURATION_EXAMPLES = ['500ms', '40s', '4min'] as const
const NUMBER = /^\d{1,15}(?:\.\d{1,15})?(?:e-?\d{1,3})?$/i

// One kind of separator, at every third digit: 1,5 and 1,0000 are somebody else's numbers.
const GROUPED = /^\d{1,3}(?:,\d{3}){1,4}$|^\d{1,3}(?:_\d{3}){1,4}$/

/** Whole milliseconds from 500ms, 40s, 1.5min (or 1.5m) or 1h; a number alone has no meaning. */
export function durationArgument(flag: string, text: string, minMs: number): number {
  const ms = wholeMs(text)
  if (Number.isNaN(ms) || ms < minMs) {
    const least = minMs === 0 ? '' : ` of at least ${minMs} ms`
    const examples = DURATION_EXAMPLES.filter((example) => wholeMs(example) >= minMs).join(' or ')
    const shape = `a number and a unit (ms, s, min or h), such as ${examples}`
    throw badArgument(flag, text, `a duration${least}: ${shape}`)
  }
  return ms
}

function wholeMs(text: string): number {
  const [, number = '', unit = 'ms'] = DURATION.exec(text) ?? []
  const exactMs = Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS]
  const ms = Math.round(exactMs)
  // Six digits of an hour are 3.6 ms apart: rounded away, they would be another duration.
  return number === '' || Math.abs(exactMs - ms) > 1e-3 ? Number.NaN : ms
}

/** A whole number from 1 to `max` as people write large ones: 1000000, 1e6, 1,000,000 or 1_000_000. */
export function countArgument(flag: string, text: string, max: number): number {
  const value = numberFrom(GROUPED.test(text) ? text.replaceAll(/[,_]/g, '') : text)
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw badArgument(flag, text, `an integer from 1 to ${max}, such as 1000000, 1e6 or 1,000,000`)
  }
  return value
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

/** A number from 0 to `max`, in whatever unit the option has. */
export function amountArgument(flag: string, text: string, max: number): number {
  const value = numberFrom(text)
  if (Number.isNaN(value) || value > max) {
    throw badArgument(flag, text, `a number from 0 to ${max}`)
  }
  return value
}

function numberFrom(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN
}
