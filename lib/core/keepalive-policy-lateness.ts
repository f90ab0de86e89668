// Linux rounds a timer up to a bucket of its wheel (kernel/time/timer.c), so that many ring together:
// 64 buckets a level, each level's eight times as wide as the last's. A level begins at 63 buckets
// of the one below, so a timer is late by 8/63 of its time at most, 12.7 %, whatever HZ is: where
// the levels begin in seconds depends on HZ, how late a timer can be does not. Measured at HZ=250:
// 132 s took 148.3 s, 17 s took 18.9 s (docs/decisions/0022).
export const LATE_PERCENT = 13
// For the rest: ticks, delivery, the two looks of the liveness clock, a long turn of the event loop.
const LATE_MS = 1_000

/** How long timers of the kernel that add up to `ms` may take. */
export function lateMsOf(ms: number): number {
  // Whole seconds have whole percents: no rounding of 1.13.
  return (ms * (100 + LATE_PERCENT)) / 100
}

/** The longest time of timers that are over within `ms`, however late they are. */
export function punctualMsOf(ms: number): number {
  return Math.floor((ms * 100) / (100 + LATE_PERCENT))
}

/** The latest moment at which a vanished peer is reported, in ms since it vanished. */
export function latestMsOf(detectionMs: number): number {
  return lateMsOf(detectionMs) + LATE_MS
}
