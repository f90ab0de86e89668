import { expect, test } from 'vitest'
import { ReceivePool } from '../../../lib/core/receive-pool.js'

const view = (pool: ReceivePool, at: number, length: number) =>
  Buffer.from(pool.memory, at, length).toString()

test('the copy does not follow the slab', () => {
  const pool = new ReceivePool()
  const slab = Buffer.from('....hello....')
  const at = pool.copyIn(slab, 4, 9)
  slab.fill('x')
  expect(view(pool, at, 5)).toBe('hello')
})

test('batches lie side by side, each on a multiple of eight', () => {
  const pool = new ReceivePool()
  const first = pool.copyIn(Buffer.from('first'), 0, 5)
  const { memory } = pool
  const second = pool.copyIn(Buffer.from('second'), 0, 6)
  expect(pool.memory).toBe(memory)
  expect([first, second]).toEqual([0, 8])
  expect(view(pool, first, 5)).toBe('first')
  expect(view(pool, second, 6)).toBe('second')
})

test('full memory is left to its views and never written again', () => {
  const pool = new ReceivePool()
  const slab = Buffer.alloc(40_000, 'a')
  const at = pool.copyIn(slab, 0, slab.length)
  const kept = Buffer.from(pool.memory, at, slab.length)
  slab.fill('b')
  const { memory } = pool
  pool.copyIn(slab, 0, slab.length)
  expect(pool.memory).not.toBe(memory)
  expect(kept.equals(Buffer.alloc(40_000, 'a'))).toBe(true)
})

test('a batch larger than the usual memory gets its own', () => {
  const pool = new ReceivePool()
  const slab = Buffer.alloc(1_000_000, 'z')
  const at = pool.copyIn(slab, 0, slab.length)
  expect(Buffer.from(pool.memory, at, slab.length).equals(slab)).toBe(true)
})
