import { max, median, min } from 'simple-statistics'

import type { Kind } from './kinds.js'

/** `changed`: beyond noise, in a figure of which neither way is better. */
export type Verdict = 'better' | 'worse' | 'changed' | 'within noise' | 'too few rounds to tell'

export interface Series {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export const roundsMin = 3
/** Medians that are closer than that are called equal, whatever their ranges do. */
export const noiseSharesMin = 0.02

/** B over A, of the medians; undefined where A is nothing. */
export function changeOf({ before, after }: Series): number | undefined {
  const base = median([...before])
  return base === 0 ? undefined : median([...after]) / base
}

/**
 * Beyond noise when the ranges of the rounds are apart and the medians differ by more than
 * `noiseShare`, which is what the run's own control showed.
 *
 * That the ranges are apart is the exact rank test at the smallest level that so few rounds have:
 * noise alone does it once in 126 times with five rounds each, but once in 10 with three. Therefore
 * fewer than five rounds have their range widened, which makes it once in about 100 again.
 */
export function judgeChange(series: Series, noiseShare: number, better: Kind['better']): Verdict {
  const { before, after } = series
  if (Math.min(before.length, after.length) < roundsMin) return 'too few rounds to tell'
  const [lowBefore, highBefore] = widened(before)
  const [lowAfter, highAfter] = widened(after)
  const up = lowAfter > highBefore
  if (!up && highAfter >= lowBefore) return 'within noise'
  const change = changeOf(series)
  const share = change === undefined ? Number.POSITIVE_INFINITY : Math.abs(change - 1)
  if (share <= Math.max(noiseShare, noiseSharesMin)) return 'within noise'
  if (better === undefined) return 'changed'
  return up === (better === 'up') ? 'better' : 'worse'
}

/** By half of its width on either side for three rounds, a quarter for four. */
function widened(values: readonly number[]): [low: number, high: number] {
  const low = min([...values])
  const high = max([...values])
  const margin = ((high - low) * Math.max(0, 5 - values.length)) / 4
  return [low - margin, high + margin]
}
