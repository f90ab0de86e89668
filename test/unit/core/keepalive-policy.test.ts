import { describe, expect, test } from 'vitest'
import {
  detectionMsOf,
  type KeepaliveInput,
  KeepalivePolicy,
} from '../../../lib/core/keepalive-policy.js'

const clock = { livenessClock: true }
const noClock = { livenessClock: false }
const second = { idleMs: 1_000, intervalMs: 1_000, count: 2 }

describe('detection', () => {
  test('is the longer of idle and interval, and all the probes', () => {
    expect(detectionMsOf({ idleMs: 60_000, intervalMs: 10_000, count: 6 }, 0)).toBe(120_000)
    expect(detectionMsOf({ idleMs: 1_000, intervalMs: 10_000, count: 3 }, 0)).toBe(40_000)
  })

  test('follows a user timeout instead of the count, with one probe at least', () => {
    expect(detectionMsOf(second, 2_800)).toBe(3_000)
    expect(detectionMsOf(second, 500)).toBe(2_000)
    expect(detectionMsOf(second, 10_000)).toBe(10_000)
    expect(detectionMsOf(second, 10_001)).toBe(11_000)
  })

  test('of the fallback user timeout equals that of the count', () => {
    for (const preset of ['lan-strict', 'interactive', 'cloud-lb', 'nat', 'mobile'] as const) {
      const policy = KeepalivePolicy.from(preset)
      const native = policy.toNative(noClock)
      expect(detectionMsOf(policy, native?.userTimeoutMs ?? 0)).toBe(policy.detectionMs)
    }
  })
})

describe('from', () => {
  test('a preset keeps its name and bounds data by the clock', () => {
    expect(KeepalivePolicy.from('cloud-lb')).toMatchObject({
      preset: 'cloud-lb',
      enabled: true,
      idleMs: 60_000,
      intervalMs: 10_000,
      count: 6,
      userTimeoutMs: 'auto',
      detectionMs: 120_000,
      warnings: [],
    })
  })

  test.each<[KeepaliveInput]>([[false], ['off']])('%s is off and detects nothing', (input) => {
    const policy = KeepalivePolicy.from(input)
    expect(policy).toMatchObject({ preset: 'off', enabled: false, detectionMs: null })
    expect(policy.toNative(clock)).toBeNull()
    expect(policy.toNative(noClock)).toBeNull()
  })

  test('a policy is its own policy', () => {
    const policy = KeepalivePolicy.from(second)
    expect(KeepalivePolicy.from(policy)).toBe(policy)
  })

  test('parts of seconds are rounded up and noted', () => {
    const policy = KeepalivePolicy.from({ idleMs: 1_001, intervalMs: 2_500, count: 1 })
    expect(policy).toMatchObject({ idleMs: 2_000, intervalMs: 3_000, preset: null })
    expect(policy.warnings).toHaveLength(2)
    expect(policy.warnings[0]).toContain('keepalive.idleMs 1001 ms was rounded up to 2000 ms')
  })

  test('the limits of the kernel are allowed', () => {
    const policy = KeepalivePolicy.from({
      idleMs: 32_767_000,
      intervalMs: 32_767_000,
      count: 127,
      userTimeoutMs: 2 ** 31 - 1,
    })
    expect(policy).toMatchObject({ idleMs: 32_767_000, intervalMs: 32_767_000, count: 127 })
  })

  test.each([
    [
      { ...second, idleMs: 999 },
      'ERR_HOLDFAST_OPTION_RANGE',
      /idleMs.*1000 to 32767000 ms; got 999/,
    ],
    [{ ...second, idleMs: 32_767_001 }, 'ERR_HOLDFAST_OPTION_RANGE', /idleMs/],
    [{ ...second, intervalMs: 0 }, 'ERR_HOLDFAST_OPTION_RANGE', /intervalMs/],
    [{ ...second, intervalMs: 1_000.5 }, 'ERR_HOLDFAST_OPTION_RANGE', /intervalMs/],
    [{ ...second, count: 128 }, 'ERR_HOLDFAST_OPTION_RANGE', /count.*1 to 127/],
    [{ ...second, count: '2' }, 'ERR_HOLDFAST_OPTION_TYPE', /count.*got "2"/],
    [{ idleMs: 1_000, intervalMs: 1_000 }, 'ERR_HOLDFAST_OPTION_TYPE', /count.*got undefined/],
    [{ ...second, userTimeoutMs: 0 }, 'ERR_HOLDFAST_OPTION_RANGE', /userTimeoutMs/],
    [{ ...second, userTimeoutMs: 2 ** 31 }, 'ERR_HOLDFAST_OPTION_RANGE', /userTimeoutMs/],
    [{ ...second, userTimeoutMs: true }, 'ERR_HOLDFAST_OPTION_TYPE', /userTimeoutMs/],
    [{ ...second, idle: 1 }, 'ERR_HOLDFAST_UNKNOWN_OPTION', /"idle"; known: idleMs/],
    ['cloud', 'ERR_HOLDFAST_UNKNOWN_PRESET', /"cloud"; known: lan-strict, .*, off/],
    ['constructor', 'ERR_HOLDFAST_UNKNOWN_PRESET', /constructor/],
    [true, 'ERR_HOLDFAST_OPTION_TYPE', /keepalive/],
    [null, 'ERR_HOLDFAST_OPTION_TYPE', /got null/],
    [60, 'ERR_HOLDFAST_OPTION_TYPE', /got 60/],
  ])('refuses %j with %s', (input, code, message) => {
    expect(() => KeepalivePolicy.from(input as KeepaliveInput)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })
})

describe('the values for the kernel', () => {
  test('have no user timeout where the clock bounds data', () => {
    expect(KeepalivePolicy.from(second).toNative(clock)).toEqual({
      ...second,
      userTimeoutMs: 0,
      rtoMaxMs: 1_000,
      detectionMs: 3_000,
    })
  })

  test('have one just under the detection time where there is no clock', () => {
    expect(KeepalivePolicy.from(second).toNative(noClock)?.userTimeoutMs).toBe(2_800)
    expect(KeepalivePolicy.from('cloud-lb').toNative(noClock)?.userTimeoutMs).toBe(119_800)
  })

  test('have none when it is off, and an explicit one everywhere', () => {
    const off = KeepalivePolicy.from({ ...second, userTimeoutMs: 'off' })
    expect(off.toNative(noClock)?.userTimeoutMs).toBe(0)
    const explicit = KeepalivePolicy.from({ ...second, userTimeoutMs: 1_500 })
    expect(explicit.toNative(clock)).toMatchObject({ userTimeoutMs: 1_500, detectionMs: 2_000 })
  })

  test('cap retransmissions at a sixth of the bound, within 1 to 120 s', () => {
    const rtoMaxMs = (input: KeepaliveInput) =>
      KeepalivePolicy.from(input).toNative(clock)?.rtoMaxMs
    expect(rtoMaxMs(second)).toBe(1_000)
    expect(rtoMaxMs('cloud-lb')).toBe(20_000)
    expect(rtoMaxMs('mobile')).toBe(50_000)
    expect(rtoMaxMs({ idleMs: 1_000, intervalMs: 30_000, count: 1 })).toBe(30_000)
    expect(rtoMaxMs({ idleMs: 7_200_000, intervalMs: 75_000, count: 9 })).toBe(120_000)
  })

  test('have no user timeout where it could not hold the bound of the policy', () => {
    const longest = { idleMs: 32_767_000, intervalMs: 32_767_000, count: 64 }
    const native = KeepalivePolicy.from(longest).toNative(noClock)
    expect(native?.userTimeoutMs).toBe(65 * 32_767_000 - 200)
    const tooLong = KeepalivePolicy.from({ ...longest, count: 65 })
    const without = tooLong.toNative(noClock)
    expect(without?.userTimeoutMs).toBe(0)
    expect(detectionMsOf(tooLong, 0)).toBe(tooLong.detectionMs)
  })
})

describe('a user timeout that takes the place of the count is a warning', () => {
  const warnings = (userTimeoutMs: number) =>
    KeepalivePolicy.from({ ...second, count: 4, userTimeoutMs }).warnings

  test.each([
    [500, 'one unanswered probe'],
    [2_000, 'one unanswered probe'],
    [2_001, '2 unanswered probes'],
    [4_000, '3 unanswered probes'],
    [5_001, '5 unanswered probes'],
  ])('%i ms', (userTimeoutMs, instead) => {
    expect(warnings(userTimeoutMs)).toEqual([
      `userTimeoutMs ${userTimeoutMs} ms replaces the count of 4: an idle peer is given up after ${instead}`,
    ])
  })

  test.each([4_001, 4_800, 5_000])('%i ms agrees with it', (userTimeoutMs) => {
    expect(warnings(userTimeoutMs)).toEqual([])
  })

  test('and goes with the user timeout', () => {
    const { idleMs } = second
    const policy = KeepalivePolicy.from({ ...second, idleMs: idleMs + 1, userTimeoutMs: 9_000 })
    expect(policy.warnings).toHaveLength(2)
    expect(policy.withUserTimeout('auto').warnings).toEqual([expect.stringContaining('rounded up')])
  })
})

describe('withUserTimeout', () => {
  test('keeps the preset and the probes', () => {
    const policy = KeepalivePolicy.from('nat').withUserTimeout(3_000)
    expect(policy).toMatchObject({ preset: 'nat', idleMs: 110_000, userTimeoutMs: 3_000 })
    expect(policy.detectionMs).toBe(125_000)
  })

  test('refuses a number while keepalive is off', () => {
    const off = KeepalivePolicy.from(false)
    expect(off.withUserTimeout('auto')).toBe(off)
    expect(() => off.withUserTimeout(1)).toThrow(
      expect.objectContaining({ code: 'ERR_HOLDFAST_OPTION_RANGE' }),
    )
  })

  test('refuses what is no user timeout', () => {
    expect(() => KeepalivePolicy.from('nat').withUserTimeout(0)).toThrow(RangeError)
    expect(() => KeepalivePolicy.from('nat').withUserTimeout('x' as 'auto')).toThrow(TypeError)
  })
})
