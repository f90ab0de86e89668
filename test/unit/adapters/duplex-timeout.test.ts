import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { IdleTimeout } from '../../../lib/adapters/duplex-timeout.js'

let rang: number[] = []
let timeout: IdleTimeout

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 0 })
  rang = []
  timeout = new IdleTimeout(() => rang.push(performance.now()))
})

afterEach(() => {
  timeout.clear()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('IdleTimeout', () => {
  test('rings once after the time, and again after activity and silence', () => {
    timeout.set(100)
    vi.advanceTimersByTime(1000)
    expect(rang).toEqual([100])
    timeout.active()
    vi.advanceTimersByTime(1000)
    expect(rang).toEqual([100, 1100])
  })

  test('counts from the last activity, and arms its timer anew only when it has rung early', () => {
    timeout.set(100)
    const armed = vi.spyOn(globalThis, 'setTimeout')
    for (let ms = 0; ms < 90; ms += 10) {
      vi.advanceTimersByTime(10)
      timeout.active()
    }
    expect(armed).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1000)
    expect(armed).toHaveBeenCalledTimes(1)
    expect(rang).toEqual([190])
  })

  test('set anew it counts from then, longer or shorter', () => {
    timeout.set(100)
    vi.advanceTimersByTime(50)
    timeout.set(500)
    vi.advanceTimersByTime(100)
    timeout.set(20)
    vi.advanceTimersByTime(1000)
    expect(rang).toEqual([170])
  })

  test('0 switches it off, and activity does not bring it back', () => {
    timeout.set(100)
    timeout.set(0)
    timeout.active()
    vi.advanceTimersByTime(1000)
    expect(rang).toEqual([])
    timeout.set(30)
    vi.advanceTimersByTime(30)
    expect(rang).toEqual([1030])
  })

  test('off and on for each request, as HTTP does, arms one timer in all', () => {
    const armed = vi.spyOn(globalThis, 'setTimeout')
    for (let request = 0; request < 1000; request++) {
      timeout.set(0)
      timeout.set(5000)
      timeout.active()
    }
    expect(armed).toHaveBeenCalledTimes(1)
  })

  test('its timer does not keep the process alive', () => {
    const unref = vi.fn(function (this: unknown) {
      return this
    })
    vi.spyOn(globalThis, 'setTimeout').mockReturnValueOnce({ unref } as never)
    timeout.set(100)
    expect(unref).toHaveBeenCalledOnce()
  })
})
