import type { PresetValues } from '../../lib/core/presets.js'

/** Ticks a second of the kernels that are built: CONFIG_HZ. */
export const TIMER_HZ = [100, 250, 300, 1000] as const

const BUCKETS = 64
const WIDER = 8

/**
 * The width of the bucket that a timer of so many ticks goes to, by the rule of Linux'
 * kernel/time/timer.c: 64 buckets a level, and the next level begins where 63 of them end.
 */
function bucketTicks(ticks: number): number {
  let width = 1
  while (ticks >= (BUCKETS - 1) * width) width *= WIDER
  return width
}

/**
 * The tick at which a timer rings that is set for `ticks` at the tick `now`: the end of the bucket
 * that it falls into.
 */
export function ringsAt(now: number, ticks: number): number {
  const width = bucketTicks(ticks)
  return (Math.floor((now + ticks) / width) + 1) * width
}

/** How long a timer of so many ms takes that is set at the worst of moments, in ms. */
export function latestRingMs(ms: number, hz: number): number {
  const ticks = (ms * hz) / 1000
  // It would be due as a bucket begins.
  const due = Math.ceil(ticks / bucketTicks(ticks)) * bucketTicks(ticks)
  return ((ringsAt(due - ticks, ticks) - (due - ticks)) * 1000) / hz
}

/** Each timer of a round of probes at its worst, in ms: no real round can be later. */
export function latestRoundMs({ idleMs, intervalMs, count }: PresetValues, hz: number): number {
  const first = latestRingMs(Math.max(idleMs, intervalMs), hz)
  return first + count * latestRingMs(intervalMs, hz)
}
