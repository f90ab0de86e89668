import { PerformanceObserver, performance } from 'node:perf_hooks'

/** When it began, on CLOCK_MONOTONIC, and how long it took. */
export type Pause = readonly [beganAtMs: number, durationMs: number]

let observer: PerformanceObserver | undefined
let pauses: Pause[] = []

/** The collections of garbage since this was asked the last time; watched from the first time on. */
export function takePauses(): Pause[] {
  if (observer === undefined) {
    observer = new PerformanceObserver((list) => keep(list.getEntries()))
    observer.observe({ entryTypes: ['gc'] })
  }
  keep(observer.takeRecords())
  const taken = pauses
  pauses = []
  return taken
}

function keep(entries: readonly { startTime: number; duration: number }[]): void {
  // performance.now() and its entries begin with the process; hrtime is the clock itself.
  const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  for (const { startTime, duration } of entries) pauses.push([originMs + startTime, duration])
}
