import { expect, test } from 'vitest'
import { Latencies, latenciesOf } from '../../../bench/harness/latencies.js'

function windowOf(...latencyNs: unknown[]) {
  return { event: 'window', latencyNs }
}

test('percentiles are of all requests of all windows', () => {
  const latencies = new Latencies()
  latencies.add(windowOf([1000, 989], [2000, 1]))
  latencies.add(windowOf([5000, 9], [8000, 1]))
  expect(latencies.count).toBe(1000)
  expect(latencies.figures().p50Us).toBe(1)
  // The 990th of a thousand is the only one of 2 µs: medians of windows would never show it.
  expect(latencies.figures().p99Us).toBe(2)
  expect(latencies.percentileUs(99.9)).toBeCloseTo(5, 2)
})

test('a bucket of the load generator is one of the histogram, so nothing is rounded twice', () => {
  // The smallest values of neighbouring buckets: exact below 2,048 ns, then 1,024 steps a doubling.
  const lowest = [1, 1023, 1024, 1025, 2047, 2048, 2050, 4096, 4100, 1_000_448, 1_000_960]
  for (const [place, ns] of lowest.entries()) {
    const alone = latenciesOf(windowOf([ns, 1])).percentileUs(100) * 1000
    expect(alone).toBeGreaterThanOrEqual(ns)
    expect(alone).toBeLessThan(
      Math.min(ns * 1.001 + 1, lowest[place + 1] ?? Number.POSITIVE_INFINITY),
    )
  }
})

test('latencies of hours are kept in three digits', () => {
  const ns = 2 ** 42
  const us = latenciesOf(windowOf([ns, 3])).percentileUs(50)
  expect(us / (ns / 1000)).toBeCloseTo(1, 3)
})

test('the percentiles of a sample rise from the smallest to the largest', () => {
  const window = windowOf(...Array.from({ length: 500 }, (_, i) => [1000 + 10 * i, i + 1]))
  const percentiles = latenciesOf(window).percentiles()
  expect(percentiles.map(({ percent }) => percent)).toEqual([
    0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100,
  ])
  expect(percentiles[0]?.value).toBe(1)
  expect(percentiles.at(-1)?.value).toBeCloseTo(5.99, 2)
  const values = percentiles.map(({ value }) => value)
  expect(values).toEqual(values.toSorted((a, b) => a - b))
})

test('a window without requests has no percentiles, and says so', () => {
  expect(() => latenciesOf(windowOf()).figures()).toThrow('no latency was recorded')
})

test.each([
  ['no buckets', { event: 'window' }],
  ['half a bucket', windowOf([1000])],
  ['text', windowOf([1000, 'many'])],
])('%s in a message is an error that names it', (_, window) => {
  expect(() => latenciesOf(window)).toThrow('"latencyNs" of window: expected a list of [ns, count]')
})
