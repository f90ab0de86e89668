import { expect, test } from 'vitest'
import { endOfVarint, readVarint, writeVarint } from '../../../lib/codecs/varint.js'

const EDGES = [
  0,
  1,
  127,
  128,
  300,
  16_383,
  16_384,
  2 ** 21 - 1,
  2 ** 21,
  2 ** 28 - 1,
  2 ** 28,
  2 ** 32 - 1,
]

test.each(EDGES)('%d is read as it was written, in as few bytes as it needs', (value) => {
  const bytes = Buffer.alloc(8, 0xff)
  const end = writeVarint(bytes, 1, value)
  expect(end - 1).toBe(Math.max(1, Math.ceil(Math.log2(value + 1) / 7)))
  expect(endOfVarint(bytes, 1, 8)).toBe(end)
  expect(endOfVarint(bytes, 1, end)).toBe(end)
  expect(readVarint(bytes, 1, end)).toBe(value)
  for (let short = 1; short < end; short++) {
    expect(endOfVarint(bytes, 1, short)).toBeGreaterThan(short)
  }
})

test.each([
  ['8000', 1],
  ['ff8000', 2],
  ['8080808010', 4],
  ['808080808001', 4],
  ['ffffffff7f', 4],
])('%s is wrong at byte %d, whatever follows', (hex, at) => {
  const bytes = Buffer.from(`${hex}00`, 'hex')
  for (let end = at + 1; end <= bytes.length; end++) {
    expect(~endOfVarint(bytes, 0, end)).toBe(at)
  }
  expect(endOfVarint(bytes, 0, at)).toBeGreaterThan(at)
})
