import { describe, expect, test } from 'vitest'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'

describe('what made the bound shorter than asked', () => {
  test.each([
    [40_000, {}, null],
    [40_000, { pathTimeoutMs: 240_000 }, null],
    [300_000, { pathTimeoutMs: 240_000 }, 'path-timeout'],
    // The path leaves 40.5 s: no second less than the 40.9 s.
    [40_900, { pathTimeoutMs: 45_765 }, 'whole-seconds'],
    [40_999, {}, 'whole-seconds'],
    [38_167_000, {}, null],
    [38_168_000, {}, 'longest-idle'],
    [Number.MAX_SAFE_INTEGER, {}, 'longest-idle'],
    // The path leaves more than the policy needs.
    [Number.MAX_SAFE_INTEGER, { pathTimeoutMs: 400_000_000 }, 'longest-idle'],
    [Number.MAX_SAFE_INTEGER, { pathTimeoutMs: 4_000_000 }, 'path-timeout'],
    // All that the kernel can be asked for: 127 probes, each after 32767 s.
    [Number.MAX_SAFE_INTEGER, { outageMs: 4_128_642_000 }, 'longest-idle'],
  ])('%i ms with %j: %s', (withinMs, options, limitedBy) => {
    const policy = KeepalivePolicy.within(withinMs, options)
    expect(policy.asked).toEqual({ withinMs, limitedBy })
    expect(policy.detectionMs === withinMs).toBe(limitedBy === null)
  })

  test('is remembered with another path or user timeout, and unknown of values that were given', () => {
    const asked = { withinMs: 40_999, limitedBy: 'whole-seconds' }
    const policy = KeepalivePolicy.within(40_999)
    expect(policy.withPathTimeout(90_000).withUserTimeout('off').asked).toEqual(asked)
    for (const input of ['nat', false, { idleMs: 1000, intervalMs: 1000, count: 1 }] as const) {
      expect(KeepalivePolicy.from(input).asked).toBeNull()
    }
  })
})
