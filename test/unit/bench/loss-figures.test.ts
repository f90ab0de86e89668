import { describe, expect, it } from 'vitest'
import {
  expectLoss,
  isRightEnd,
  lossFigures,
  summedFigures,
} from '../../../bench/detection/loss-figures.js'
import type { Ending } from '../../../bench/detection/policy-server.js'

const outcome = {
  periodMs: 1000,
  lossyFromMs: 10_000,
  segments: { toServers: { seen: 1000, lost: 190 }, toClients: { seen: 1000, lost: 210 } },
  droppedSegments: 0,
}
const once = { name: '1/1/1', keepalive: { idleMs: 1000, intervalMs: 1000, count: 1 } }

function endedAt(...times: number[]): Ending[] {
  return times.map((atMs, port) => ({ listener: 0, port, atMs, detectedMs: 1000, how: '' }))
}

describe('lossFigures', () => {
  it('counts who ended by one period after the last probe of the window', () => {
    // Two questions can be seen in three seconds.
    const endings = endedAt(11_500, 13_000, 13_001)
    const watched = { policy: once, connections: 100, loss: 0.2, lossyMs: 3000, endings }
    expect(lossFigures(watched, outcome)).toMatchObject({
      connections: 100,
      killed: 2,
      windowSeconds: 2,
      expected: expect.closeTo(100 * (1 - 0.64 ** 2), 9),
      planned: expect.closeTo(100 * (1 - 0.64 ** 2), 9),
      lossMeasuredPercent: 20,
    })
  })

  it('leaves out who ended before anything was lost', () => {
    const endings = endedAt(9000, 9500, 11_500)
    const watched = { policy: once, connections: 100, loss: 0.2, lossyMs: 3000, endings }
    expect(lossFigures(watched, outcome)).toMatchObject({
      connections: 98,
      killed: 1,
      endedBefore: 2,
    })
  })

  it('adds what the queue of loopback dropped to the rate', () => {
    const watched = { policy: once, connections: 100, loss: 0.2, lossyMs: 3000, endings: [] }
    // Half of what there was never came to the filter: 1 - 0.5 * 0.8 each way.
    const dropping = { ...outcome, droppedSegments: 2000 }
    const answered = 0.4 ** 2
    expect(lossFigures(watched, dropping)).toMatchObject({
      expected: expect.closeTo(100 * (1 - answered), 9),
      windowSeconds: 1,
    })
  })

  it('closes the window when the model has ended four fifths', () => {
    const watched = { policy: once, connections: 100, loss: 0.2, lossyMs: 60_000, endings: [] }
    const { windowSeconds, expected, withinModel } = lossFigures(watched, outcome)
    expect(windowSeconds).toBeLessThan(5)
    expect(expected).toBeGreaterThanOrEqual(80)
    // None of a hundred.
    expect(withinModel).toBe(0)
  })

  it('has a user timeout in the place of the count', () => {
    const keepalive = { ...once.keepalive, count: 4, userTimeoutMs: 1800 }
    const bounded = { name: 'bounded', keepalive }
    const watched = { connections: 100, loss: 0.2, lossyMs: 3000, endings: endedAt(11_500) }
    expect(lossFigures({ ...watched, policy: bounded }, outcome)).toEqual(
      lossFigures({ ...watched, policy: once }, outcome),
    )
  })
})

describe('with data in flight', () => {
  const pushed = { ...once, pushEveryMs: 500 }

  it('is within the model with fewer than an idle one, and not with more', () => {
    const watched = { policy: pushed, connections: 100, loss: 0.01, lossyMs: 3000 }
    expect(lossFigures({ ...watched, endings: [] }, outcome)).toMatchObject({ withinModel: 1 })
    const endings = endedAt(...new Array<number>(50).fill(11_500))
    expect(lossFigures({ ...watched, endings }, outcome)).toMatchObject({ withinModel: 0 })
  })

  it('may be ended by the liveness clock too, which an idle one may not', () => {
    expect(isRightEnd(pushed, 'send-timeout by liveness-clock')).toBe(true)
    expect(isRightEnd(once, 'send-timeout by liveness-clock')).toBe(false)
    expect(isRightEnd(once, 'keepalive-timeout by kernel')).toBe(true)
    expect(isRightEnd(pushed, 'peer-reset by kernel')).toBe(false)
  })
})

describe('summedFigures', () => {
  it('counts the scenarios that are outside of the model, though sums agree', () => {
    const common = { connections: 10, expected: 5, planned: 6, endedBefore: 0 }
    const all = [
      { ...common, killed: 0, withinModel: 0 },
      { ...common, killed: 10, withinModel: 0 },
      { ...common, killed: 5, withinModel: 1 },
    ]
    expect(summedFigures(all)).toMatchObject({ killed: 15, expected: 15, outsideModel: 2 })
  })

  it('sums up idle connections alone, and counts the others that did worse', () => {
    const idle = { connections: 10, killed: 5, expected: 5, planned: 6, endedBefore: 0 }
    const busy = { connections: 10, killed: 9, planned: 6, endedBefore: 0 }
    const all = [
      { ...idle, withinModel: 1 },
      { ...busy, withinModel: 0 },
    ]
    expect(summedFigures(all)).toMatchObject({ killed: 5, expected: 5, outsideModel: 1 })
  })
})

describe('expectLoss', () => {
  it('accepts what chance explains', () => {
    expect(() => expectLoss(0.2, outcome.segments)).not.toThrow()
  })

  it('names the direction that lost what it should not have', () => {
    const twice = { ...outcome.segments, toClients: { seen: 1000, lost: 360 } }
    expect(() => expectLoss(0.2, twice)).toThrow('toClients: 360 of 1000 segments lost')
  })

  it('refuses a network in which nothing was seen', () => {
    const silent = { ...outcome.segments, toServers: { seen: 0, lost: 0 } }
    expect(() => expectLoss(0.2, silent)).toThrow('toServers: 0 of 0')
  })
})
