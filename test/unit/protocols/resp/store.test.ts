import { expect, test } from 'vitest'
import { Store } from '../../../../lib/protocols/resp/store.js'

function clocked(maxBytes = 1_000_000, maxKeys = 1_000) {
  const clock = { ms: 1_000 }
  return { clock, store: new Store(maxBytes, maxKeys, () => clock.ms) }
}

test('a key whose time is over is gone for whoever asks', () => {
  const { store, clock } = clocked()
  for (const key of ['a', 'b', 'c', 'd']) store.set(key, '1')
  for (const key of ['a', 'b', 'c']) expect(store.expire(key, 500)).toBe(true)
  clock.ms += 499
  expect(store.left('a')).toBe(1)
  clock.ms += 1
  expect(store.get('a')).toBeUndefined()
  expect(store.delete('b')).toBe(false)
  expect(store.left('c')).toBeUndefined()
  expect(store.left('d')).toBeNull()
  expect([store.size, store.expiring]).toEqual([1, 0])
})

test('a time of nothing ends a key at once, and none begins for a key that is not there', () => {
  const { store } = clocked()
  store.set('a', '1')
  expect([store.expire('a', 0), store.expire('a', 5)]).toEqual([true, false])
  expect(store.size).toBe(0)
})

test('set() forgets the end, replace() keeps it', () => {
  const { store } = clocked()
  store.set('a', '1')
  store.expire('a', 500)
  store.replace('a', '2')
  expect(store.left('a')).toBe(500)
  store.set('a', '3')
  expect(store.left('a')).toBeNull()
})

test('beyond so many keys none is added, and nothing is counted for it', () => {
  const { store, clock } = clocked(1_000_000, 2)
  expect([store.set('a', '1'), store.set('b', '1')]).toEqual([true, true])
  const { bytes } = store
  expect([store.set('c', '1'), store.replace('c', '1')]).toEqual([false, false])
  expect([store.size, store.bytes, store.get('c')]).toEqual([2, bytes, undefined])
  expect(store.set('a', '2')).toBe(true)
  store.expire('b', 500)
  clock.ms += 500
  store.get('b')
  expect(store.set('c', '1')).toBe(true)
})

test('a sweep looks at so many, goes on from there, and frees what is over', () => {
  const { store, clock } = clocked()
  for (let i = 0; i < 100; i++) {
    store.set(`k${i}`, '1')
    store.expire(`k${i}`, i % 2 === 0 ? 10 : 1_000)
  }
  clock.ms += 10
  store.sweep(40)
  expect(store.size).toBe(80)
  store.sweep(61)
  expect(store.size).toBe(50)
  clock.ms += 1_000
  store.sweep(1_000)
  expect([store.size, store.expiring, store.bytes]).toEqual([0, 0, 0])
})

test('what is stored is counted, and what would be too much changes nothing', () => {
  const { store } = clocked(300)
  expect(store.set('a', 'x'.repeat(100))).toBe(true)
  expect(store.set('b', 'x'.repeat(100))).toBe(false)
  expect(store.set('a', 'x'.repeat(300))).toBe(false)
  expect(store.get('a')).toHaveLength(100)
  expect(store.set('a', 'x')).toBe(true)
  expect(store.set('b', 'x'.repeat(100))).toBe(true)
  store.delete('a')
  store.clear()
  expect(store.bytes).toBe(0)
})
