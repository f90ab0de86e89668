import { expect, test } from 'vitest'
import { effectiveKeepalive } from '../../../lib/core/effective-keepalive.js'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { asReadBack } from '../../../lib/testing/values.js'

const policy = KeepalivePolicy.from('interactive')
const readBack = () => asReadBack(policy.toNative({ livenessClock: true }))

test('agreement shows the preset, the bound and no warning', () => {
  expect(effectiveKeepalive(policy, readBack())).toEqual({
    preset: 'interactive',
    enabled: true,
    idleMs: 20_000,
    intervalMs: 5_000,
    count: 4,
    userTimeoutMs: 0,
    rtoMaxMs: 6_667,
    detectionMs: 40_000,
    source: 'inherited',
    verified: null,
    unsupported: [],
    warnings: [],
  })
})

test('the bound follows what the kernel holds, and the difference is a warning', () => {
  const effective = effectiveKeepalive(policy, { ...readBack(), count: 9 })
  expect(effective.detectionMs).toBe(65_000)
  expect(effective.warnings).toEqual(['count is 9 in the kernel, asked for 4'])
})

test('what the system cannot set is listed, not warned about twice', () => {
  const native = { ...readBack(), count: 10, unsupported: ['count', 'livenessClock'] }
  const effective = effectiveKeepalive(policy, native)
  expect(effective.unsupported).toEqual(['count', 'livenessClock'])
  expect(effective.warnings).toEqual([])
})

test('a user timeout that the kernel changed is a warning, if a number was asked for', () => {
  const explicit = policy.withUserTimeout(39_800)
  const native = {
    ...asReadBack(explicit.toNative({ livenessClock: true })),
    userTimeoutMs: 40_000,
  }
  expect(effectiveKeepalive(explicit, native).warnings).toEqual([
    'userTimeoutMs is 40000 in the kernel, asked for 39800',
  ])
  expect(effectiveKeepalive(policy, native).warnings).toEqual([])
  const unsupported = { ...native, userTimeoutMs: 0, unsupported: ['userTimeoutMs'] }
  expect(effectiveKeepalive(explicit, unsupported).warnings).toEqual([])
})

test('what the policy cannot promise is among the warnings', () => {
  const warned = policy.withPathTimeout(25_000).withUserTimeout(39_000)
  expect(warned.warnings).toHaveLength(1)
  const native = asReadBack(warned.toNative({ livenessClock: true }))
  expect(effectiveKeepalive(warned, native).warnings).toEqual(warned.warnings)
})

test('off has no bound, and custom values no preset', () => {
  expect(effectiveKeepalive(KeepalivePolicy.from(false), asReadBack(null))).toMatchObject({
    preset: 'off',
    enabled: false,
    detectionMs: null,
    warnings: [],
  })
  const custom = KeepalivePolicy.from({ idleMs: 1_500, intervalMs: 1_000, count: 1 })
  const effective = effectiveKeepalive(custom, asReadBack(custom.toNative({ livenessClock: true })))
  expect(effective).not.toHaveProperty('preset')
  expect(effective.warnings).toEqual(custom.warnings)
})

test('keepalive that is not on, and a socket that took nothing over, are warned about', () => {
  const native = { ...asReadBack(null), verified: false }
  expect(effectiveKeepalive(policy, native).warnings).toEqual([
    'keepalive is off in the kernel, asked for on',
    'an accepted socket did not take over the values of its listener',
  ])
})

test('a kernel that cannot pace window probes is warned about, where the clock judges by them', () => {
  const warnings = (unsupported: string[], input = policy) =>
    effectiveKeepalive(input, {
      ...asReadBack(input.toNative({ livenessClock: true })),
      unsupported,
    }).warnings
  expect(warnings(['rtoMaxMs'])).toEqual([
    'this kernel cannot cap the distance of window probes: behind a closed window detection may take up to two minutes longer',
  ])
  expect(warnings(['rtoMaxMs', 'livenessClock'])).toEqual([])
  expect(warnings(['rtoMaxMs'], KeepalivePolicy.from(false))).toEqual([])
})

test('a socket on which the policy could not be set is warned about', () => {
  const native = { ...readBack(), source: 'per-socket' as const, failed: 'EINVAL' }
  expect(effectiveKeepalive(policy, native).warnings).toEqual([
    'setting the policy on an accepted socket failed with EINVAL',
  ])
  expect(effectiveKeepalive(policy, { ...native, failed: undefined }).warnings).toEqual([])
})

test('the lists are the caller’s own', () => {
  const native = readBack()
  const effective = effectiveKeepalive(policy, native)
  effective.unsupported.push('x')
  effective.warnings.push('x')
  expect(native.unsupported).toEqual([])
  expect(policy.warnings).toEqual([])
})
