import { expect, test } from 'vitest'
import {
  add,
  BYTES_DROPPED,
  BYTES_HANDED_OVER,
  BYTES_READ,
  CounterStore,
  THROTTLED,
  WRITES_AFTER_END,
} from '../../../lib/core/counters.js'

const sum = (counts: Record<string, number>) =>
  Object.values(counts).reduce((total, count) => total + count, 0)

test('starts at zero for every reason and cause', () => {
  const snapshot = new CounterStore().snapshot(0, 0, 0)
  expect(Object.keys(snapshot.closed)).toHaveLength(18)
  expect(Object.keys(snapshot.refused)).toHaveLength(7)
  expect(sum(snapshot.closed) + sum(snapshot.refused) + snapshot.arrived).toBe(0)
})

test('both sums hold after every step', () => {
  const store = new CounterStore()
  const opened = (arrived: number) => {
    store.arrived(arrived)
    store.opened()
  }
  const refused = (cause: 'emfile' | 'memory', count: number, arrived: number) => {
    store.arrived(arrived)
    store.refused(cause, count)
  }
  const steps = [
    () => opened(1),
    () => refused('emfile', 3, 4),
    () => opened(5),
    () => store.closed('peer-end'),
    () => refused('memory', 1, 6),
    () => store.closed('shutdown'),
  ]
  for (const step of steps) {
    step()
    const { arrived, accepted, open, closed, refused } = store.snapshot(0, 0, 0)
    expect(accepted).toBe(open + sum(closed))
    expect(arrived).toBe(accepted + sum(refused))
  }
  const counters = store.snapshot(0, 0, 0)
  expect(counters).toMatchObject({ arrived: 6, accepted: 2, open: 0 })
  expect(counters.closed).toMatchObject({ 'peer-end': 1, shutdown: 1 })
  expect(counters.refused).toMatchObject({ emfile: 3, memory: 1 })
})

test('arrivals are counted by themselves: one that is not accounted for shows', () => {
  const store = new CounterStore()
  store.arrived(2)
  store.opened()
  expect(store.snapshot(0, 0, 0)).toMatchObject({ arrived: 2, accepted: 1 })
})

test('arrivals count on where their 32 bits end', () => {
  const store = new CounterStore()
  store.arrived(0xffff_fff0 | 0)
  store.arrived(0x10)
  expect(store.snapshot(0, 0, 0).arrived).toBe(0x1_0000_0010)
})

test('bytes written are those handed over, less what is queued and what was dropped', () => {
  const store = new CounterStore()
  add(store.totals, BYTES_READ, 7)
  add(store.totals, BYTES_HANDED_OVER, 1_000)
  add(store.totals, BYTES_DROPPED, 100)
  add(store.totals, WRITES_AFTER_END, 2)
  const snapshot = store.snapshot(50, 0, 0)
  expect(snapshot).toMatchObject({ bytesRead: 7, bytesWritten: 850, writesAfterEnd: 2 })
})

test('throttled is the sum over connections that have ended and those that are open', () => {
  const store = new CounterStore()
  add(store.totals, THROTTLED, 3)
  expect(store.snapshot(0, 4, 0)).toMatchObject({ throttled: 7 })
})

test('a snapshot does not change afterwards', () => {
  const store = new CounterStore()
  const before = store.snapshot(0, 0, 0)
  store.opened()
  store.closed('peer-end')
  expect(before).toMatchObject({ accepted: 0, closed: { 'peer-end': 0 } })
})
