import { BOUND_SECONDS_MAX } from './keepalive-policy-search.js'
import type { PresetValues } from './presets.js'

/** Why a policy's bound is shorter than the one that was asked for. */
export type BoundLimit =
  /** The path forgets sooner. */
  | 'path-timeout'
  /** The kernel waits 32767 s at most before the first probe; the probes chosen need no more time. */
  | 'longest-idle'
  /** The kernel counts seconds. */
  | 'whole-seconds'

/** What `KeepalivePolicy.within` was asked for. */
export interface AskedBound {
  readonly withinMs: number
  /** What made the bound shorter; null: nothing, it is as long as asked. */
  readonly limitedBy: BoundLimit | null
}

/** `seconds` is what the path and the kernel leave of the bound, `values` what was chosen for them. */
export function askedBound(withinMs: number, seconds: number, values: PresetValues): AskedBound {
  const boundMs = values.idleMs + values.intervalMs * values.count
  if (boundMs === withinMs) {
    return { withinMs, limitedBy: null }
  }
  if (boundMs < seconds * 1000 || seconds === BOUND_SECONDS_MAX) {
    return { withinMs, limitedBy: 'longest-idle' }
  }
  const isPath = seconds < Math.floor(withinMs / 1000)
  return { withinMs, limitedBy: isPath ? 'path-timeout' : 'whole-seconds' }
}
