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
  // Neighbours: exact below 2,048 ns, then 1,024 steps a doubling.
  const neighbours: [lowest: number, next: number][] = [
    [1, 2],
    [1023, 1024],
    [2047, 2048],
    [2048, 2050],
    [4094, 4096],
    [4096, 4100],
    [2 ** 20, 2 ** 20 + 2 ** 10],
    [2 ** 42, 2 ** 42 + 2 ** 32],
  ]
  for (const [lowestNs, nextNs] of neighbours) {
    const highestNs = Math.round(latenciesOf(windowOf([lowestNs, 1])).percentileUs(100) * 1000)
    expect([lowestNs, highestNs]).toEqual([lowestNs, nextNs - 1])
  }
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
  expect(values).toEqual([...values].sort((a, b) => a - b))
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
