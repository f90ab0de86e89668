import { describe, expect, test } from 'vitest'
import {
  lossChancePerDay,
  questionLoss,
  roundLoss,
  survivedOutageMs,
} from '../../../lib/core/keepalive-policy-loss.js'
import type { PresetValues } from '../../../lib/core/presets.js'
import { seeded } from '../../support/seeded.js'

const DAY_MS = 86_400_000

/** Share of healthy connections that loss ends within a day: each probe and answer is thrown for. */
function simulated(values: PresetValues, loss: number, connections: number): number {
  const random = seeded(20_261_120)
  const answered = (): boolean => random() >= loss && random() >= loss
  let ended = 0
  for (let connection = 0; connection < connections; connection++) {
    let unanswered = 0
    let nowMs = values.idleMs
    while (nowMs < DAY_MS && unanswered < values.count) {
      unanswered = answered() ? 0 : unanswered + 1
      nowMs += unanswered === 0 ? values.idleMs : values.intervalMs
    }
    if (unanswered === values.count) ended++
  }
  return ended / connections
}

test('a question stays unanswered when the probe or its answer is lost', () => {
  expect(questionLoss(0)).toBe(0)
  expect(questionLoss(0.01)).toBeCloseTo(0.0199, 12)
  expect(questionLoss(0.5)).toBe(0.75)
  expect(roundLoss(3, 0.5)).toBe(0.75 ** 3)
  // 1 - (1 - p)^2 would be 0 here.
  expect(questionLoss(1e-18)).toBe(2e-18)
})

describe('the chance a day', () => {
  test.each([
    [{ idleMs: 600_000, intervalMs: 1_000, count: 3 }, 0.1],
    [{ idleMs: 60_000, intervalMs: 5_000, count: 4 }, 0.08],
    [{ idleMs: 7_200_000, intervalMs: 75_000, count: 2 }, 0.2],
    [{ idleMs: 40_000, intervalMs: 3_000, count: 5 }, 0.1],
  ])('is what a simulation of %j at a loss of %d finds', (values, loss) => {
    const chance = lossChancePerDay(values, loss)
    expect(chance).toBeGreaterThan(0.1)
    expect(chance).toBeLessThan(0.9)
    // Three standard deviations of 4,000 throws, and the rounds that a lost probe makes longer.
    const found = simulated(values, loss, 4_000)
    expect(found).toBeGreaterThan(chance - 0.035)
    expect(found).toBeLessThan(chance + 0.025)
  })

  test('is nought without loss, and nearly certain with much', () => {
    const values = { idleMs: 1_000, intervalMs: 1_000, count: 1 }
    expect(lossChancePerDay(values, 0)).toBe(0)
    expect(lossChancePerDay(values, 0.5)).toBe(1)
    expect(lossChancePerDay(values, 1 - Number.EPSILON)).toBe(1)
  })

  test('counts a round each interval where that is the longer one', () => {
    const slow = lossChancePerDay({ idleMs: 1_000, intervalMs: 60_000, count: 5 }, 0.01)
    expect(slow).toBe(lossChancePerDay({ idleMs: 60_000, intervalMs: 60_000, count: 5 }, 0.01))
  })
})

test('an outage shorter than the distance of first and last probe is outlasted', () => {
  expect(survivedOutageMs({ idleMs: 20_000, intervalMs: 5_000, count: 4 })).toBe(15_000)
  expect(survivedOutageMs({ idleMs: 20_000, intervalMs: 5_000, count: 1 })).toBe(0)
})
