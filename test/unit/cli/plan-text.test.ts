import { expect, test } from 'vitest'
import { planText } from '../../../lib/cli/plan-text.js'
import { type PlanOptions, planKeepalive } from '../../../lib/core/keepalive-plan.js'
import { type KeepaliveInput, KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'

/** The lines of a plan by their subject. */
function subjects(input: KeepaliveInput, options: PlanOptions): Map<string, string> {
  const lines = planText(planKeepalive(input, options), 'keepalive: it')
  return new Map(lines.map((line) => [line.slice(0, 10).trimEnd(), line.slice(11)]))
}

test('a plan is a line for each subject, with a policy that serve takes', () => {
  const policy = KeepalivePolicy.within(40_000, { pathTimeoutMs: 240_000 })
  const lines = subjects(policy, { connections: 1_000_000, pricePerGb: 0.09 })
  expect([...lines.keys()]).toEqual([
    ...[
      'policy',
      'code',
      'detection',
      'path',
      'probes',
      'traffic',
      'price',
      'cpu',
      'memory',
      'loss',
      'outage',
    ],
    ...['heartbeat', 'measured'],
  ])
  expect(lines.get('policy')).toBe('idle 25 s interval 3 s count 5: --keepalive 25000/3000/5')
  expect(lines.get('code')).toBe('keepalive: it')
  expect(lines.get('detection')).toBe(
    "a peer that vanishes is reported within 40 s; at the latest 46.2 s with the kernel's slack",
  )
  expect(lines.get('probes')).toMatch(/^40,000 a second, .* 1,000,000 idle connections$/)
  expect(lines.get('traffic')).toMatch(/^66 bytes a frame .* 21\.1 Mbit\/s each way, 228 GB a day/)
  expect(lines.get('price')).toBe('615.86 in 30 days for 6.84 TB sent')
  expect(lines.get('memory')).toMatch(/^\d{3} MB in the .* and \d\.\d+ GB in the kernel: /)
  expect(lines.get('loss')).toMatch(
    /^1 % each way leaves 1\.99 % .* 5 in a row .* 0\.00108 % a day, so 10\.8 of 1,000,000/,
  )
  expect(lines.get('outage')).toMatch(/less than 12 s ends no healthy connection$/)
  expect(lines.get('heartbeat')).toMatch(/each 25 s, answered within 15 s: 208 bytes a beat/)
})

test('what was not asked for is not said', () => {
  const lines = subjects('nat', { connections: 7 })
  expect(lines.has('asked')).toBe(false)
  expect(lines.has('path')).toBe(false)
  expect(lines.has('price')).toBe(false)
  expect(lines.has('warning')).toBe(false)
})

test('a preset goes by its name', () => {
  const { policy, detection } = Object.fromEntries(subjects('mobile', { connections: 7 }))
  expect(policy).toBe('idle 225 s interval 15 s count 5: --keepalive mobile')
  expect(detection).toMatch(/within 300 s; at the latest 340 s /)
})

test.each([
  [300_000, { pathTimeoutMs: 240_000 }, /^300 s; the path timeout, .* allows no more$/],
  [35_999_996_400_000, {}, /^35,999,996,400 s; the kernel waits 32,767 s at most before it asks/],
  [40_999, {}, /^40\.999 s; the kernel counts whole seconds$/],
])('a bound of %i ms with %j is shorter than asked, and the plan says why', (ms, options, text) => {
  const lines = subjects(KeepalivePolicy.within(ms, options), { connections: 7 })
  expect(lines.get('asked')).toMatch(text)
})

test('small and large numbers stay short', () => {
  const small = subjects('mobile', { connections: 1, loss: 0.0001 })
  expect(small.get('cpu')).toMatch(/^2\.04e-8 of a core /)
  expect(small.get('traffic')).toMatch(/ 2\.35 bit\/s each way, 25\.3 kB a day, 760 kB in 30 days$/)
  const large = subjects('lan-strict', { connections: 1_000_000_000, ipVersion: 6 })
  expect(large.get('traffic')).toMatch(/^86 bytes .* 138 Gbit\/s each way, 1\.49 PB a day/)
  expect(large.get('cpu')).toMatch(/^920 of a core /)
})

test('a lone probe and every warning are pointed out', () => {
  const policy = KeepalivePolicy.within(2_000, { pathTimeoutMs: 2_300 })
  const lines = planText(planKeepalive(policy, { connections: 1 }), 'keepalive: it')
  expect(lines).toContain(
    'outage     any outage may end a healthy connection: there is one probe only',
  )
  expect(lines.filter((line) => line.startsWith('warning    '))).toEqual(
    policy.warnings.map((warning) => `warning    ${warning}`),
  )
  expect(policy.warnings).toHaveLength(1)
})
