import { expect, test } from 'vitest'
import { LARGE_CHUNK_BYTES, POOLED_BYTES, ReceivePool } from '../../../lib/core/receive-pool.js'
import { KIND_DATA, KIND_END, RECORD_WORDS } from '../../../lib/native/records.js'
import { pattern } from '../../support/bytes.js'

/** A slab that begins at `start`, with data records of these lengths, each on a multiple of eight. */
function batchOf(lengths: readonly number[], start = 0) {
  const records = new Int32Array((lengths.length + 1) * RECORD_WORDS)
  let used = start
  lengths.forEach((length, index) => {
    records.set([KIND_DATA, index, 1, used, length], index * RECORD_WORDS)
    used = (used + length + 7) & ~7
  })
  records.set([KIND_END, 0, 1], lengths.length * RECORD_WORDS)
  return { records, slab: pattern(used, lengths.length), slabBytes: used }
}

/** What the dispatcher does with a batch: the chunks it hands out, and how often it copied. */
function chunksOf(pool: ReceivePool, { records, slab, slabBytes }: ReturnType<typeof batchOf>) {
  const chunks: Buffer[] = []
  let copies = 0
  let copiedTo = 0
  let shift = 0
  for (let base = 0; base < records.length; base += RECORD_WORDS) {
    if (records[base] !== KIND_DATA) continue
    const [offset, length] = [records[base + 3] as number, records[base + 4] as number]
    if (offset + length > copiedTo) {
      shift = pool.copy(slab, slabBytes, records, base, records.length)
      copiedTo = pool.copiedTo
      copies++
    }
    chunks.push(Buffer.from(pool.memory, offset + shift, length))
  }
  chunks.forEach((chunk, index) => {
    const offset = records[index * RECORD_WORDS + 3] as number
    expect(chunk.equals(slab.subarray(offset, offset + chunk.length))).toBe(true)
  })
  return { chunks, copies, pinned: chunks.map((chunk) => chunk.buffer.byteLength) }
}

test('the copy does not follow the slab', () => {
  const batch = batchOf([5], 16)
  const { chunks } = chunksOf(new ReceivePool(), batch)
  const before = Buffer.from(chunks[0] as Buffer)
  batch.slab.fill(0xdd)
  expect(chunks[0]?.equals(before)).toBe(true)
})

test('a batch that fits is one copy; batches lie side by side, each on a multiple of eight', () => {
  const pool = new ReceivePool()
  const first = chunksOf(pool, batchOf([5, 60, 20_000]))
  const second = chunksOf(pool, batchOf([6, 7]))
  expect([first.copies, second.copies]).toEqual([1, 1])
  expect(second.chunks[0]?.buffer).toBe(first.chunks[0]?.buffer)
  expect(second.chunks[0]?.byteOffset).toBe(20_072)
})

test('full memory is left to its views and never written again', () => {
  const pool = new ReceivePool()
  const first = chunksOf(pool, batchOf([40_000]))
  const before = Buffer.from(first.chunks[0] as Buffer)
  const second = chunksOf(pool, batchOf([30_000]))
  expect(second.chunks[0]?.buffer).not.toBe(first.chunks[0]?.buffer)
  expect(first.chunks[0]?.equals(before)).toBe(true)
})

test('in a larger batch large chunks have memory of their own, and small ones pin 64 KiB at most', () => {
  const lengths = [100, 200, 65_536, 50, LARGE_CHUNK_BYTES, 1, 300_000, LARGE_CHUNK_BYTES - 1, 9]
  const { pinned, copies } = chunksOf(new ReceivePool(), batchOf([...lengths, ...lengths], 24))
  const own = (length: number) => (length < LARGE_CHUNK_BYTES ? POOLED_BYTES : length)
  expect(pinned).toEqual([...lengths, ...lengths].map(own))
  expect(copies).toBe(13)
})

test('small chunks of a larger batch are copied together, 64 KiB at a time', () => {
  const { pinned, copies } = chunksOf(new ReceivePool(), batchOf(Array(4_096).fill(60)))
  expect(new Set(pinned)).toEqual(new Set([POOLED_BYTES]))
  expect(copies).toBe(4)
})

test('after a larger batch the small ones share memory again', () => {
  const pool = new ReceivePool()
  const before = chunksOf(pool, batchOf([10]))
  chunksOf(pool, batchOf([1_000_000]))
  const after = chunksOf(pool, batchOf([10]))
  expect(after.chunks[0]?.buffer).toBe(before.chunks[0]?.buffer)
})
