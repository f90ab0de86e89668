import { expect, test } from 'vitest'
import { detectionMsOf } from '../../../lib/core/keepalive-policy.js'
import {
  DEFAULT_KEEPALIVE_PRESET,
  isKeepalivePreset,
  KEEPALIVE_PRESET_NAMES,
  KEEPALIVE_PRESET_NOTES,
  KEEPALIVE_PRESETS,
  type KeepalivePreset,
} from '../../../lib/core/presets.js'

test.each<[KeepalivePreset, number, number, number, number]>([
  ['lan-strict', 5, 1, 4, 9],
  ['interactive', 20, 5, 4, 40],
  ['cloud-lb', 60, 10, 6, 120],
  ['nat', 110, 15, 5, 185],
  ['mobile', 225, 15, 5, 300],
])('%s probes after %i s every %i s, %i times, and detects within %i s', (name, ...numbers) => {
  const [idle, interval, count, detection] = numbers
  const values = KEEPALIVE_PRESETS[name]
  expect(values).toEqual({ idleMs: idle * 1000, intervalMs: interval * 1000, count })
  expect(values === null ? null : detectionMsOf(values, 0)).toBe(detection * 1000)
})

test('off has no values, and the default is a preset', () => {
  expect(KEEPALIVE_PRESETS.off).toBeNull()
  expect(KEEPALIVE_PRESET_NAMES).toContain(DEFAULT_KEEPALIVE_PRESET)
})

test('names of Object.prototype are not presets', () => {
  expect(isKeepalivePreset('nat')).toBe(true)
  expect(isKeepalivePreset('toString')).toBe(false)
  expect(isKeepalivePreset('')).toBe(false)
})

test('every preset says what it is for and on what it is based', () => {
  expect(Object.keys(KEEPALIVE_PRESET_NOTES)).toEqual(KEEPALIVE_PRESET_NAMES)
  for (const { purpose, basis } of Object.values(KEEPALIVE_PRESET_NOTES)) {
    expect(Math.min(purpose.length, basis.length)).toBeGreaterThan(5)
  }
})
