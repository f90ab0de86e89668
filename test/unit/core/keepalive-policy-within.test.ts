import { describe, expect, test } from 'vitest'
import { detectionMsOf, KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { lossChancePerDay, survivedOutageMs } from '../../../lib/core/keepalive-policy-loss.js'
import type { WithinOptions } from '../../../lib/core/keepalive-policy-within.js'
import { seeded, wholeBetween } from '../../support/seeded.js'
import { latestRoundMs, TIMER_HZ } from '../../support/timer-wheel.js'

function refusal(ms: unknown, options: unknown = {}): RangeError {
  try {
    KeepalivePolicy.within(ms as number, options as WithinOptions)
  } catch (error) {
    return error as RangeError
  }
  throw new Error('nothing was refused')
}

/** A number that somebody may ask for: small ones as often as large ones. */
function anyOf(random: () => number, min: number, max: number): number {
  return Math.floor(min * (max / min) ** random())
}

function anyDemand(random: () => number): { ms: number; options: WithinOptions } {
  const options: WithinOptions = {}
  if (random() < 0.5) options.pathTimeoutMs = anyOf(random, 2_260, 10_000_000)
  if (random() < 0.5) options.loss = random() ** 3
  if (random() < 0.5) options.lossTolerance = 10 ** -wholeBetween(random, 0, 9)
  if (random() < 0.5) options.outageMs = anyOf(random, 1, 1_000_000) - 1
  return { ms: anyOf(random, 2_000, 100_000_000), options }
}

describe('whatever is asked for', () => {
  const random = seeded(3)
  const demands = Array.from({ length: 4_000 }, () => anyDemand(random))
  const met: { ms: number; options: WithinOptions; policy: KeepalivePolicy }[] = []
  const refused: { ms: number; options: WithinOptions; message: string }[] = []
  for (const { ms, options } of demands) {
    try {
      met.push({ ms, options, policy: KeepalivePolicy.within(ms, options) })
    } catch (error) {
      refused.push({ ms, options, message: (error as Error).message })
    }
  }

  test('much of it can be had, and much cannot', () => {
    expect(met.length).toBeGreaterThan(1_500)
    expect(refused.length).toBeGreaterThan(500)
  })

  test('the policy keeps its bound, is below the path timeout, and is one that the kernel takes', () => {
    for (const { ms, options, policy } of met) {
      expect(policy.detectionMs).toBeLessThanOrEqual(ms)
      const { idleMs, intervalMs, count } = policy
      const roundsMs = TIMER_HZ.map((hz) => latestRoundMs(policy, hz))
      const { pathTimeoutMs = Number.POSITIVE_INFINITY } = options
      expect(Math.max(...roundsMs)).toBeLessThanOrEqual(pathTimeoutMs)
      expect(idleMs).toBeGreaterThanOrEqual(intervalMs)
      // Refuses what the kernel would, and would warn where it had to round.
      expect(KeepalivePolicy.from({ idleMs, intervalMs, count }).warnings).toEqual([])
    }
  })

  test('what was demanded of loss and outage holds', () => {
    for (const { options, policy } of met) {
      const { loss = 0.01, lossTolerance, outageMs = 0 } = options
      const chance = lossChancePerDay(policy, loss)
      if (lossTolerance !== undefined) expect(chance).toBeLessThanOrEqual(lossTolerance)
      expect(survivedOutageMs(policy)).toBeGreaterThanOrEqual(outageMs)
      // What was not demanded either holds, or is warned of.
      expect(policy.warnings).toHaveLength(chance > (lossTolerance ?? 1e-4) ? 1 : 0)
    }
  })

  test('a refusal names a value that would be possible, and it is', () => {
    const blamed = { within: 0, pathTimeoutMs: 0, lossTolerance: 0 }
    const pattern =
      /^(within|pathTimeoutMs|lossTolerance) must be at least ([\d.e-]+)(?: ms and pathTimeoutMs (\d+))?/
    for (const { ms, options, message } of refused) {
      const [, name, least, path] = pattern.exec(message) ?? []
      expect(name, message).toBeDefined()
      const better = { ...options }
      let bound = ms
      if (name === 'within') bound = Number(least)
      if (name === 'pathTimeoutMs') better.pathTimeoutMs = Number(least)
      if (path !== undefined) better.pathTimeoutMs = Number(path)
      if (name === 'lossTolerance') {
        // Said where no bound has room for less; the one asked for may be too short for this too.
        bound = Number.MAX_SAFE_INTEGER
        better.lossTolerance = Number(least)
        delete better.pathTimeoutMs
      }
      expect(KeepalivePolicy.within(bound, better), message).toBeDefined()
      blamed[name as keyof typeof blamed]++
    }
    expect(Math.min(...Object.values(blamed))).toBeGreaterThan(30)
  })
})

describe('the fewest probes', () => {
  /** Every policy within so many seconds that keeps the demands, tried one by one. */
  function allWithin(seconds: number, demand: Required<Omit<WithinOptions, 'pathTimeoutMs'>>) {
    const found = []
    for (let idle = 1; idle < seconds; idle++) {
      for (let interval = 1; idle + interval <= seconds; interval++) {
        for (let count = 1; idle + interval * count <= seconds; count++) {
          const values = { idleMs: idle * 1000, intervalMs: interval * 1000, count }
          const kept =
            detectionMsOf(values, 0) <= seconds * 1000 &&
            lossChancePerDay(values, demand.loss) <= demand.lossTolerance &&
            survivedOutageMs(values) >= demand.outageMs
          if (kept) found.push(values)
        }
      }
    }
    return found
  }

  test('means: no policy has a smaller count, and none of that count asks less often', () => {
    const random = seeded(8)
    let possible = 0
    for (let turn = 0; turn < 60; turn++) {
      const seconds = wholeBetween(random, 2, 60)
      const demand = {
        loss: random() ** 3,
        lossTolerance: 10 ** -wholeBetween(random, 0, 6),
        outageMs: wholeBetween(random, 0, 20) * 1000,
      }
      const all = allWithin(seconds, demand)
      if (all.length === 0) {
        expect(refusal(seconds * 1000, demand)).toBeInstanceOf(RangeError)
        continue
      }
      possible++
      const policy = KeepalivePolicy.within(seconds * 1000, demand)
      const count = Math.min(...all.map((values) => values.count))
      expect(policy.count).toBe(count)
      const periods = all
        .filter((values) => values.count === count)
        .map(({ idleMs, intervalMs }) => Math.max(idleMs, intervalMs))
      expect(Math.max(policy.idleMs, policy.intervalMs)).toBe(Math.max(...periods))
    }
    expect(possible).toBeGreaterThan(20)
  })
})

describe('common bounds', () => {
  test.each([
    [9_000, 4, 1, 5],
    [40_000, 25, 3, 5],
    [40_999, 25, 3, 5],
    [120_000, 80, 8, 5],
    [300_000, 200, 25, 4],
  ])('%i ms: %i s, %i s, %i probes', (ms, idle, interval, count) => {
    expect(KeepalivePolicy.within(ms)).toMatchObject({
      preset: null,
      idleMs: idle * 1000,
      intervalMs: interval * 1000,
      count,
      userTimeoutMs: 'auto',
      pathTimeoutMs: null,
      warnings: [],
    })
  })

  test('the shortest is one second and one probe, and says what that means', () => {
    const policy = KeepalivePolicy.within(2_000)
    expect(policy).toMatchObject({ idleMs: 1_000, intervalMs: 1_000, count: 1, detectionMs: 2_000 })
    expect(policy.warnings).toEqual([
      '2000 ms have room for one probe: at a loss of 1 % each way a healthy idle connection is ended with a chance of 100 % a day',
    ])
    expect(KeepalivePolicy.within(2_000, { loss: 0 }).warnings).toEqual([])
  })

  test('of a path that leaves room for one probe says that it is the path', () => {
    const policy = KeepalivePolicy.within(300_000, { pathTimeoutMs: 3_000 })
    expect(policy.warnings).toEqual([
      'pathTimeoutMs 3000 ms leaves 2000 ms of 300000 ms, with room for one probe: at a loss of 1 % each way a healthy idle connection is ended with a chance of 100 % a day',
    ])
  })

  test('the warning stays with the policy on another path or with a user timeout', () => {
    const policy = KeepalivePolicy.within(5_000).withPathTimeout(60_000).withUserTimeout(4_900)
    expect(policy.warnings).toEqual(KeepalivePolicy.within(5_000).warnings)
    expect(policy.warnings).toHaveLength(1)
  })

  test('no bound is longer than what the kernel can be asked for', () => {
    const policy = KeepalivePolicy.within(Number.MAX_SAFE_INTEGER)
    expect(policy).toMatchObject({ idleMs: 32_767_000, intervalMs: 1_800_000, count: 3 })
  })
})

describe('refused', () => {
  test.each([
    [1_999, {}, RangeError, /^within must be at least 2000, .*; got 1999$/],
    [0, {}, RangeError, /got 0$/],
    [40_000.5, {}, RangeError, /in whole ms.*got 40000.5/],
    [Number.NaN, {}, RangeError, /got NaN/],
    ['40s', {}, TypeError, /got "40s"/],
    [undefined, {}, TypeError, /got undefined/],
    [40_000, null, TypeError, /options must be an object; got null/],
    [40_000, { timeout: 1 }, TypeError, /within has no option "timeout"; known: pathTimeoutMs/],
    [40_000, { pathTimeoutMs: 2_259 }, RangeError, /pathTimeoutMs must be at least 2260 ms/],
    [40_000, { loss: 1 }, RangeError, /loss must be a number from 0 to below 1; got 1/],
    [40_000, { loss: Number.NaN }, RangeError, /loss/],
    [40_000, { loss: '1%' }, TypeError, /loss/],
    [40_000, { lossTolerance: 0 }, RangeError, /lossTolerance must be a number above 0/],
    [40_000, { lossTolerance: 1.1 }, RangeError, /lossTolerance/],
    [40_000, { outageMs: -1 }, RangeError, /outageMs must be an integer from 0/],
    [
      3_000,
      { lossTolerance: 1e-6 },
      RangeError,
      /within must be at least 8000 ms for lossTolerance 0.000001 at a loss of 0.01 /,
    ],
    [4_000, { outageMs: 9_000 }, RangeError, /within must be at least 11000 ms for outageMs 9000/],
    [
      300_000,
      { pathTimeoutMs: 5_000, lossTolerance: 1e-6 },
      RangeError,
      /pathTimeoutMs must be at least 9040 ms/,
    ],
    [
      40_000,
      { loss: 0.99, lossTolerance: 1e-6 },
      RangeError,
      /lossTolerance must be at least .*at most 127 probes/,
    ],
  ])('%s with %j', (ms, options, kind, message) => {
    const error = refusal(ms, options)
    expect(error).toBeInstanceOf(kind)
    expect(error).toHaveProperty('code', expect.stringMatching(/^ERR_HOLDFAST_/))
    expect(error.message).toMatch(message)
  })
})
