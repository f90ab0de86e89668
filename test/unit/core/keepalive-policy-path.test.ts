import { describe, expect, test } from 'vitest'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { longestRoundMs, pathTimeoutFor } from '../../../lib/core/keepalive-policy-path.js'

describe('a path that forgets', () => {
  test.each([
    ['lan-strict', 9_040],
    ['interactive', 39_550],
    ['cloud-lb', 124_300],
    ['nat', 192_100],
    ['mobile', 322_050],
  ] as const)('%s finds one of %i ms alive, even with its last probe', (preset, pathTimeoutMs) => {
    const policy = KeepalivePolicy.from(preset).withPathTimeout(pathTimeoutMs)
    expect(policy).toMatchObject({ preset, pathTimeoutMs, warnings: [] })
    expect(policy.withPathTimeout(pathTimeoutMs - 1).warnings).toHaveLength(1)
  })

  test.each([
    [39_549, '3 probes in a row are lost'],
    [33_900, '3 probes in a row are lost'],
    [33_899, '2 probes in a row are lost'],
    [28_250, '2 probes in a row are lost'],
    [28_249, 'one probe is lost'],
    [22_600, 'one probe is lost'],
  ])('of %i ms may have forgotten a live peer if %s, and a warning says so', (ms, lost) => {
    const { warnings } = KeepalivePolicy.from('interactive').withPathTimeout(ms)
    expect(warnings).toEqual([
      `pathTimeoutMs ${ms} ms is short for a count of 4: if ${lost}, a live connection may be forgotten on its path`,
    ])
  })

  test('hardly above the time between two probes is a warning of its own', () => {
    const { warnings } = KeepalivePolicy.from('interactive').withPathTimeout(22_599)
    expect(warnings).toEqual([
      'pathTimeoutMs 22599 ms is hardly above the 20000 ms between two probes: timers are up to 13 % late',
    ])
  })

  test('before a live peer is asked is refused, with the idle time that would be possible', () => {
    expect(() => KeepalivePolicy.from('interactive').withPathTimeout(20_000)).toThrow(
      expect.objectContaining({
        name: 'HoldfastRangeError',
        code: 'ERR_HOLDFAST_OPTION_RANGE',
        message:
          'keepalive.idleMs must be below pathTimeoutMs 20000, or idle connections are forgotten before they are asked; got 20000',
      }),
    )
    const slow = KeepalivePolicy.from({ idleMs: 1_000, intervalMs: 30_000, count: 2 })
    expect(() => slow.withPathTimeout(20_000)).toThrow(/keepalive\.intervalMs .*; got 30000/)
  })

  test('is judged by the probes that a user timeout leaves', () => {
    const onPath = KeepalivePolicy.from('interactive').withPathTimeout(28_250)
    expect(onPath.warnings).toHaveLength(1)
    expect(onPath.withUserTimeout(30_000).warnings).toEqual([
      'userTimeoutMs 30000 ms replaces the count of 4: an idle peer is given up after 2 unanswered probes',
    ])
  })

  test('is a warning when nothing asks', () => {
    expect(KeepalivePolicy.from(false).withPathTimeout(240_000)).toMatchObject({
      enabled: false,
      pathTimeoutMs: 240_000,
      warnings: [
        'keepalive is off: a connection that is idle for pathTimeoutMs 240000 ms is forgotten on its path',
      ],
    })
  })

  test.each([
    [2_259, RangeError, 'pathTimeoutMs must be at least 2260 ms: 1 s of silence'],
    [-1, RangeError, 'at least 2260 ms'],
    [3_000.5, RangeError, 'an integer from 2260'],
    [Number.NaN, RangeError, 'an integer from 2260'],
    [Number.POSITIVE_INFINITY, RangeError, 'an integer from 2260'],
    ['4min', TypeError, 'got "4min"'],
    [null, TypeError, 'got null'],
  ])('%s is refused', (value, kind, message) => {
    const set = () => KeepalivePolicy.from('lan-strict').withPathTimeout(value as number)
    expect(set).toThrow(kind)
    expect(set).toThrow(message)
  })
})

test('on a path of five minutes mobile bears two lost probes', () => {
  expect(KeepalivePolicy.from('mobile').withPathTimeout(300_000).warnings).toEqual([
    expect.stringContaining('if 3 probes in a row are lost'),
  ])
})

test('the path timeout for a round is the shortest with room for it', () => {
  for (let roundMs = 2_000; roundMs < 5_000_000; roundMs += 7_919) {
    const pathTimeoutMs = pathTimeoutFor(roundMs)
    expect(longestRoundMs(pathTimeoutMs)).toBeGreaterThanOrEqual(roundMs)
    expect(longestRoundMs(pathTimeoutMs - 1)).toBeLessThan(roundMs)
  }
})
