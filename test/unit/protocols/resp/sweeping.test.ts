import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Store } from '../../../../lib/protocols/resp/store.js'
import { Sweeping } from '../../../../lib/protocols/resp/sweeping.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function withKeys(count: number, ms: number): { store: Store; sweeping: Sweeping } {
  const store = new Store(1e9, 1e6, Date.now)
  for (let i = 0; i < count; i++) {
    store.set(`k${i}`, '1')
    store.expire(`k${i}`, ms)
  }
  return { store, sweeping: new Sweeping(store) }
}

test('keys whose time is over are gone within a tick, 10000 of them a tick', () => {
  const { store, sweeping } = withKeys(25_000, 50)
  sweeping.opened()
  for (const left of [15_000, 5_000, 0]) {
    vi.advanceTimersByTime(100)
    expect(store.size).toBe(left)
  }
})

test('no timer runs when no key has an end, or nobody is connected', () => {
  const { store, sweeping } = withKeys(1, 150)
  expect(vi.getTimerCount()).toBe(0)
  sweeping.opened()
  sweeping.opened()
  sweeping.closed()
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(200)
  expect([store.size, vi.getTimerCount()]).toEqual([0, 0])
  store.set('a', '1')
  store.expire('a', 50)
  sweeping.check()
  expect(vi.getTimerCount()).toBe(1)
  sweeping.closed()
  expect(vi.getTimerCount()).toBe(0)
  sweeping.opened()
  vi.advanceTimersByTime(100)
  expect(store.size).toBe(0)
})
