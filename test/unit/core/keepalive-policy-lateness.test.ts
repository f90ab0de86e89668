import { describe, expect, test } from 'vitest'
import { detectionMsOf } from '../../../lib/core/keepalive-policy.js'
import { lateMsOf, latestMsOf, punctualMsOf } from '../../../lib/core/keepalive-policy-lateness.js'
import { KEEPALIVE_PRESETS, type PresetValues } from '../../../lib/core/presets.js'
import { latestRingMs, latestRoundMs, ringsAt, TIMER_HZ } from '../../support/timer-wheel.js'

/** Those that are later than the policy's bound allows, with the whole of the one second left. */
function lateRounds(policies: Iterable<PresetValues>, hz: number): PresetValues[] {
  const late = []
  for (const values of policies) {
    const allowedMs = latestMsOf(detectionMsOf(values, 0)) - 1_000
    if (latestRoundMs(values, hz) > allowedMs) late.push(values)
  }
  return late
}

function* manyPolicies(): Generator<PresetValues> {
  for (let idle = 1; idle <= 400; idle++) {
    for (let interval = 1; interval <= 75; interval++) {
      for (let count = 1; count <= 9; count++) {
        yield { idleMs: idle * 1000, intervalMs: interval * 1000, count }
      }
    }
  }
}

describe.each(TIMER_HZ)('on a kernel of %i ticks a second', (hz) => {
  test('no timer that a policy may have is later than lateMsOf says', () => {
    const late = []
    for (let ms = 1_000; ms <= 32_767_000; ms += 1_000) {
      if (latestRingMs(ms, hz) > lateMsOf(ms)) late.push(ms)
    }
    expect(late).toEqual([])
  })

  test('a round of probes leaves the one second of the promise to the rest: presets', () => {
    const presets = Object.values(KEEPALIVE_PRESETS).filter((values) => values !== null)
    expect(presets.length).toBeGreaterThan(3)
    expect(lateRounds(presets, hz)).toEqual([])
  })

  test('a round of probes leaves the one second of the promise to the rest: 1..400/1..75/1..9', () => {
    expect(lateRounds(manyPolicies(), hz)).toEqual([])
  })

  test('no percent less would do', () => {
    const shares = Array.from({ length: 32_767 }, (_, at) => {
      const ms = (at + 1) * 1000
      return latestRingMs(ms, hz) / ms
    })
    expect(Math.max(...shares)).toBeGreaterThan(1.12)
  })
})

// At 250 ticks a second, the latest first probe of 44 connections, 0.4 s apart.
describe('the model of the wheel rings when a kernel did', () => {
  test.each([
    [17_000, 18_890],
    [20_000, 22_050],
    [110_000, 111_850],
    [132_000, 148_270],
    [225_000, 241_100],
  ])('%i ms took %i ms', (ms, measuredMs) => {
    const latest = latestRingMs(ms, 250)
    expect(latest).toBeGreaterThan(measuredMs - 50)
    expect(latest - measuredMs).toBeLessThan(400)
  })
})

test('the worst moment to set a timer is the worst of all', () => {
  for (const seconds of [1, 5, 17, 60, 132]) {
    const ticks = seconds * 250
    let most = 0
    for (let now = 0; now < 8 ** 5; now++) most = Math.max(most, ringsAt(now, ticks) - now)
    expect(latestRingMs(seconds * 1000, 250)).toBe(most * 4)
  }
})

test('an eighth would be too little: a level begins at 63 of the buckets below, not at 64', () => {
  const long = { idleMs: 1_033_000, intervalMs: 1_000, count: 1 }
  const boundMs = detectionMsOf(long, 0)
  expect(latestRoundMs(long, 250)).toBeGreaterThan((boundMs * 9) / 8 + 1_000)
  expect(latestRoundMs(long, 250)).toBeLessThan(latestMsOf(boundMs) - 1_000)
})

test('what is punctual for a time is over by it, and a millisecond more may not be', () => {
  for (let ms = 2_000; ms < 5_000_000; ms += 7_919) {
    expect(lateMsOf(punctualMsOf(ms))).toBeLessThanOrEqual(ms)
    expect(lateMsOf(punctualMsOf(ms) + 1)).toBeGreaterThan(ms)
  }
})
