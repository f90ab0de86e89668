import { max, mean, median, min } from 'simple-statistics'

/** What several rounds say together. Five rounds have no meaningful tails: the spread is the range. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

export function summarize(values: readonly number[]): Summary {
  const list = [...values]
  return { median: median(list), min: min(list), max: max(list), rounds: list.length }
}

export interface RoundValue {
  readonly round: number
  readonly value: number
}

/**
 * The quotients of two series, round by round. Rounds are minutes apart and a machine drifts; the
 * two halves of one round are seconds apart. A round without its other half, in a run that was
 * ended, has none, and neither has one whose base is nothing.
 */
export function ratiosByRound(over: readonly RoundValue[], under: readonly RoundValue[]): number[] {
  const bases = new Map(under.map(({ round, value }) => [round, value]))
  return over.flatMap(({ round, value }) => {
    const base = bases.get(round)
    return base === undefined || base === 0 ? [] : [value / base]
  })
}

/**
 * Of each figure the median over some windows; the disturbance is their mean, so that none hides and
 * the ticks it is counted in cancel out: only the mean is known not to be below zero.
 */
export function figureMedians(
  windows: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  const names = Object.keys(windows[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = windows.map((window) => window[name] as number)
      return [name, name === 'disturbance' ? Math.max(0, mean(values)) : median(values)]
    }),
  )
}

/** Of ascending values, the smallest that so large a share of them is at most. */
export function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new Error('no values')
  return value
}
