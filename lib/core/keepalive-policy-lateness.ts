// The promise of a report is detectionMs, 5 % and one second. The kernel's timers are 1 to 3 % late
// (measured); the second is for the two looks of the liveness clock, and for a turn of the event loop
// that takes long.
const LATE_PERCENT = 5
const LATE_MS = 1_000

/** How much longer than asked a timer of the kernel may take. */
export const TIMER_LATENESS = 1 + LATE_PERCENT / 100

/** The latest moment at which a vanished peer is reported, in ms since it vanished. */
export function latestMsOf(detectionMs: number): number {
  // Whole seconds have whole percents: no rounding of 1.05.
  return (detectionMs * (100 + LATE_PERCENT)) / 100 + LATE_MS
}
