import { lossChancePerDay } from './keepalive-policy-loss.js'
import type { PresetValues } from './presets.js'

// tcp(7): whole seconds, 1 to 32767 of them, and 1 to 127 probes.
const SECONDS_MAX = 32_767
export const COUNT_MAX = 127
/** No policy takes longer than this to detect anything. */
export const BOUND_SECONDS_MAX = SECONDS_MAX * (COUNT_MAX + 1)
/** No policy outlasts a longer outage. */
export const OUTAGE_MS_MAX = SECONDS_MAX * (COUNT_MAX - 1) * 1000

/** What a policy must stand within its bound. */
export interface Goals {
  /** Chance that a segment is lost, each way. */
  readonly loss: number
  /** Highest chance per connection and day that loss ends a healthy connection. */
  readonly tolerance: number
  /** An outage of this many ms ends no healthy connection. */
  readonly outageMs: number
}

/**
 * The policy that reaches the goals within `seconds` with the smallest count, and of those the one
 * that asks a live peer least often; null when there is none.
 */
export function fewestProbes(seconds: number, goals: Goals): PresetValues | null {
  for (const values of candidates(seconds, goals.outageMs)) {
    if (lossChancePerDay(values, goals.loss) <= goals.tolerance) {
      return values
    }
  }
  return null
}

/** The policy within `seconds` that loss harms least; null when none outlasts the outage. */
export function leastLoss(seconds: number, loss: number, outageMs: number): PresetValues | null {
  let best: PresetValues | null = null
  let bestChance = Number.POSITIVE_INFINITY
  for (const values of candidates(seconds, outageMs)) {
    const chance = lossChancePerDay(values, loss)
    if (chance < bestChance) {
      best = values
      bestChance = chance
    }
  }
  return best
}

/** The shortest bound, in seconds, that has room for the goals; null when none has. */
export function shortestBound(goals: Goals): number | null {
  if (fewestProbes(BOUND_SECONDS_MAX, goals) === null) {
    return null
  }
  let tooShort = 1
  let enough = BOUND_SECONDS_MAX
  // A longer bound never fits worse: the same count and interval leave more idle time.
  while (enough - tooShort > 1) {
    const middle = Math.floor((tooShort + enough) / 2)
    if (fewestProbes(middle, goals) === null) {
      tooShort = middle
    } else {
      enough = middle
    }
  }
  return enough
}

/** For each count, beginning with 1: the shortest interval for the outage, the longest idle time. */
function* candidates(seconds: number, outageMs: number): Generator<PresetValues> {
  for (let count = 1; count <= COUNT_MAX; count++) {
    const gaps = count - 1
    if (gaps === 0 && outageMs > 0) {
      continue
    }
    const interval = gaps === 0 ? 1 : Math.max(1, Math.ceil(outageMs / 1000 / gaps))
    const idle = Math.min(SECONDS_MAX, seconds - interval * count)
    // An idle time below the interval would not be used: live peers are asked each interval then.
    if (interval <= SECONDS_MAX && idle >= interval) {
      yield { idleMs: idle * 1000, intervalMs: interval * 1000, count }
    }
  }
}
