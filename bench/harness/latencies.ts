import { build } from 'hdr-histogram-js'
import type { Message } from './child.js'
import type { Percentile } from './samples.js'

const shares = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100]

/** The latencies of all requests of a sample, of however many windows, in three significant digits. */
export class Latencies {
  readonly #histogram = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })

  /** The counts of a window: load/latency.h has the same buckets, so nothing is rounded again. */
  add(window: Message): void {
    for (const [lowestNs, count] of bucketsOf(window)) {
      this.#histogram.recordValueWithCount(lowestNs, count)
    }
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** What that share of the requests took at most; throws when there was none. */
  percentileUs(percent: number): number {
    if (this.count === 0) throw new Error('no latency was recorded')
    return this.#histogram.getValueAtPercentile(percent) / 1000
  }

  figures(): { p50Us: number; p99Us: number; p999Us: number } {
    return {
      p50Us: this.percentileUs(50),
      p99Us: this.percentileUs(99),
      p999Us: this.percentileUs(99.9),
    }
  }

  percentiles(): Percentile[] {
    return shares.map((percent) => ({ percent, value: this.percentileUs(percent) }))
  }
}

/** Of one window. */
export function latenciesOf(window: Message): Latencies {
  const latencies = new Latencies()
  latencies.add(window)
  return latencies
}

function bucketsOf(window: Message): [lowestNs: number, count: number][] {
  const buckets: unknown = window.latencyNs
  if (!Array.isArray(buckets) || !buckets.every(isBucket)) {
    throw new Error(`"latencyNs" of ${window.event}: expected a list of [ns, count]`)
  }
  return buckets
}

function isBucket(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger)
}
