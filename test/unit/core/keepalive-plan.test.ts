import { describe, expect, test } from 'vitest'
import { type PlanOptions, planKeepalive } from '../../../lib/core/keepalive-plan.js'
import { emptyFrameBytes } from '../../../lib/core/keepalive-plan-costs.js'
import { type KeepaliveInput, KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'

const million = { connections: 1_000_000 }

describe('a million connections under cloud-lb', () => {
  const plan = planKeepalive('cloud-lb', { ...million, pricePerGb: 0.09 })

  test('are asked 16,667 times a second', () => {
    expect(plan.policy).toEqual({
      preset: 'cloud-lb',
      idleMs: 60_000,
      intervalMs: 10_000,
      count: 6,
      detectionMs: 120_000,
      latestMs: 136_600,
      asked: null,
      pathTimeoutMs: null,
      warnings: [],
    })
    expect(plan.probes.perSecond).toBeCloseTo(16_666.67, 1)
  })

  test('cost 66 bytes a probe and 66 an answer', () => {
    expect(plan.frameBytes).toBe(66)
    // 8.8 Mbit/s each way.
    expect((plan.probes.perSecond * plan.frameBytes * 8) / 1e6).toBeCloseTo(8.8, 6)
    expect(plan.probes.sentBytesPerDay).toBeCloseTo(95.04e9, -3)
    expect(plan.probes.receivedBytesPerDay).toBe(plan.probes.sentBytesPerDay)
    expect(plan.probes.sentBytesPerMonth).toBeCloseTo(2_851.2e9, -3)
    expect(plan.probes.pricePerMonth).toBeCloseTo(2_851.2 * 0.09, 6)
  })

  test('cost less of a core than their heartbeat, and half as many bytes again', () => {
    const { heartbeat, probes, measured } = plan
    expect(probes.cpuCores).toBeCloseTo((16_666.67 * measured.probeUs) / 1e6, 6)
    expect(heartbeat).toMatchObject({ periodMs: 60_000, deadlineMs: 60_000 })
    // Ping, answer and its acknowledgement; the first two carry five bytes.
    expect(heartbeat.beatBytes).toBe(71 + 71 + 66)
    expect(heartbeat.sentBytesPerDay / probes.sentBytesPerDay).toBeCloseTo((71 + 66) / 66, 12)
    expect(heartbeat.receivedBytesPerDay / probes.receivedBytesPerDay).toBeCloseTo(71 / 66, 12)
    expect(heartbeat.timesTheBytes).toBeCloseTo(208 / 132, 12)
    expect(heartbeat.cpuCores / probes.cpuCores).toBeCloseTo(heartbeat.timesTheCpu, 9)
    expect(heartbeat.timesTheCpu).toBeGreaterThan(1)
  })
})

test('memory grows with the connections, and not with the policy', () => {
  const plan = planKeepalive('nat', million)
  const { processBytes, kernelBytes } = plan.measured
  expect(plan.memory).toEqual({ processBytes: processBytes * 1e6, kernelBytes: kernelBytes * 1e6 })
  expect(planKeepalive('lan-strict', million).memory).toEqual(plan.memory)
})

test('frames are 20 bytes longer on IPv6', () => {
  expect(emptyFrameBytes(4)).toBe(66)
  expect(emptyFrameBytes(6)).toBe(86)
  const plan = planKeepalive('nat', { ...million, ipVersion: 6 })
  expect(plan).toMatchObject({ ipVersion: 6, frameBytes: 86 })
  expect(plan.heartbeat.beatBytes).toBe(91 + 91 + 86)
})

test('a live peer is asked each interval where that is longer than the idle time', () => {
  const plan = planKeepalive({ idleMs: 1_000, intervalMs: 30_000, count: 2 }, { connections: 300 })
  expect(plan.probes.perSecond).toBe(10)
  expect(plan.heartbeat).toMatchObject({ periodMs: 30_000, deadlineMs: 60_000 })
})

test('loss is that of the model, for the count that is in force', () => {
  const { loss } = planKeepalive('interactive', { ...million, loss: 0.02 })
  expect(loss).toMatchObject({ rate: 0.02, outageMs: 15_000 })
  expect(loss.question).toBeCloseTo(0.0396, 12)
  expect(loss.round).toBeCloseTo(0.0396 ** 4, 15)
  expect(loss.perConnectionAndDay).toBeCloseTo(1 - (1 - 0.0396 ** 4) ** 4_320, 9)
  expect(loss.endedPerDay).toBeCloseTo(loss.perConnectionAndDay * 1e6, 6)
  const shorter = KeepalivePolicy.from('interactive').withUserTimeout(30_000)
  const plan = planKeepalive(shorter, million)
  expect(plan.policy).toMatchObject({ count: 2, detectionMs: 30_000, warnings: shorter.warnings })
  expect(plan.loss.round).toBeCloseTo(0.0199 ** 2, 15)
})

test.each([
  [2_000, 3_260],
  [3_000, 4_390],
  [30_000, 34_900],
  [38_000_000, 42_941_000],
])('a bound of %i ms is one of %i ms at the latest, with late timers', (ms, latestMs) => {
  const { policy } = planKeepalive(KeepalivePolicy.within(ms), million)
  expect(policy).toMatchObject({ detectionMs: ms, latestMs })
  expect(policy.asked).toEqual({ withinMs: ms, limitedBy: null })
})

test('a plan says what was asked for, and what made it shorter', () => {
  const policy = KeepalivePolicy.within(300_000, { pathTimeoutMs: 240_000 })
  expect(planKeepalive(policy, million).policy).toMatchObject({
    preset: null,
    detectionMs: 212_000,
    asked: { withinMs: 300_000, limitedBy: 'path-timeout' },
    pathTimeoutMs: 240_000,
  })
})

test('without a price there is none, and a price of nought is one', () => {
  expect(planKeepalive('nat', million).probes.pricePerMonth).toBeNull()
  expect(planKeepalive('nat', { ...million, pricePerGb: 0 }).heartbeat.pricePerMonth).toBe(0)
})

test('the dearest plan has a price that JSON can hold', () => {
  const dearest = { idleMs: 1_000, intervalMs: 1_000, count: 1 }
  const options = { connections: 1_000_000_000, ipVersion: 6, pricePerGb: 1e9 } as const
  const { heartbeat } = JSON.parse(JSON.stringify(planKeepalive(dearest, options)))
  // A ping of 91 bytes and an acknowledgement of 86, a thousand million times a second.
  expect(heartbeat.pricePerMonth / (1e9 * 86_400 * 30 * 177)).toBeCloseTo(1, 12)
})

test.each<[KeepaliveInput, unknown, RegExp]>([
  [false, million, /keepalive must be a policy that is on.*got false/],
  ['off', million, /keepalive must be a policy that is on.*got "off"/],
  ['nat', {}, /connections must be an integer from 1 to 1000000000; got undefined/],
  ['nat', { connections: 0 }, /connections.*got 0/],
  ['nat', { connections: 1.5 }, /connections.*got 1.5/],
  ['nat', { ...million, ipVersion: 5 }, /ipVersion must be 4 or 6; got 5/],
  ['nat', { ...million, ipVersion: '6' }, /ipVersion must be 4 or 6; got "6"/],
  ['nat', { ...million, loss: 1 }, /loss must be a number from 0 to below 1; got 1/],
  [
    'nat',
    { ...million, pricePerGb: -1 },
    /pricePerGb must be a number from 0 to 1000000000; got -1/,
  ],
  ['nat', { ...million, pricePerGb: 1e305 }, /pricePerGb.*got 1e\+305/],
  ['nat', { ...million, pricePerGb: 1_000_000_001 }, /pricePerGb.*got 1000000001/],
  ['nat', { ...million, pricePerGb: Number.NaN }, /pricePerGb.*got NaN/],
  ['nat', { ...million, pricePerGb: Number.POSITIVE_INFINITY }, /pricePerGb.*got Infinity/],
  ['nat', { ...million, price: 1 }, /planKeepalive has no option "price"/],
  ['nat', null, /options must be an object; got null/],
])('%j with %j is refused', (input, options, message) => {
  expect(() => planKeepalive(input, options as PlanOptions)).toThrow(
    expect.objectContaining({
      code: expect.stringMatching(/^ERR_HOLDFAST_/),
      message: expect.stringMatching(message),
    }),
  )
})
