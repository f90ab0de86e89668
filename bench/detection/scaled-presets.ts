import { detectionMsOf } from '../../lib/core/keepalive-policy.js'
import { latestMsOf } from '../../lib/core/keepalive-policy-lateness.js'
import { KEEPALIVE_PRESETS, type PresetValues } from '../../lib/core/presets.js'

/** A preset in as few seconds as the kernel can count. */
export interface ScaledPreset {
  /** The preset's name and the values in seconds and probes: 'interactive as 4/1/4'. */
  readonly name: string
  readonly values: PresetValues
  readonly dividedBy: number
  readonly boundMs: number
  /** The promise: the bound with late timers. */
  readonly latestMs: number
}

/**
 * Divided by its interval in seconds, so that a second is what its interval was; the count stays.
 * Idle times are cut to whole seconds, which the kernel counts: of `nat` alone (110/15 = 7.33).
 */
export function scaledPresets(): ScaledPreset[] {
  return Object.entries(KEEPALIVE_PRESETS).flatMap(([name, values]) =>
    values === null ? [] : [scaled(name, values)],
  )
}

/** As short as can be for a smoke run: one lost segment ends no living client. */
export const shortestPolicy = describe('shortest', { idleMs: 1000, intervalMs: 1000, count: 2 }, 1)

function scaled(name: string, { idleMs, intervalMs, count }: PresetValues): ScaledPreset {
  const dividedBy = intervalMs / 1000
  const idleSeconds = Math.max(1, Math.floor(idleMs / intervalMs))
  return describe(name, { idleMs: idleSeconds * 1000, intervalMs: 1000, count }, dividedBy)
}

function describe(name: string, values: PresetValues, dividedBy: number): ScaledPreset {
  const { idleMs, intervalMs, count } = values
  const boundMs = detectionMsOf(values, 0)
  return {
    name: `${name} as ${idleMs / 1000}/${intervalMs / 1000}/${count}`,
    values,
    dividedBy,
    boundMs,
    latestMs: latestMsOf(boundMs),
  }
}
