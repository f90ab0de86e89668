import { expect, test } from 'vitest'
import { indexOfByte, indexOfBytes } from '../../../lib/codecs/search.js'
import { seeded, wholeBetween } from '../../support/seeded.js'

test('every byte is found at every place of a word, among bytes that differ by one bit', () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = Buffer.alloc(16, byte ^ (1 << bit))
      expect(indexOfByte(bytes, byte, 0, 16)).toBe(-1)
      for (let at = 3; at < 12; at++) {
        bytes[at] = byte
        expect(indexOfByte(bytes, byte, 1, 15)).toBe(at)
        bytes[at] = byte ^ (1 << bit)
      }
    }
  }
})

test('nothing outside of the span is found, nor changed', () => {
  for (const length of [0, 1, 3, 4, 511, 512, 513, 2_000]) {
    const bytes = Buffer.alloc(length + 8, 'x')
    bytes.fill('ab', 0, 4)
    bytes.fill('ab', length + 4)
    const before = Buffer.from(bytes)
    expect(indexOfByte(bytes, 0x61, 4, length + 4)).toBe(-1)
    expect(indexOfBytes(bytes, Buffer.from('ab'), 4, length + 5)).toBe(-1)
    expect(bytes.equals(before)).toBe(true)
  }
})

test('several bytes are found where Buffer.indexOf finds them', () => {
  const random = seeded(7)
  for (let round = 0; round < 2_000; round++) {
    const length = wholeBetween(random, 0, round % 10 === 0 ? 1_500 : 40)
    const bytes = Buffer.from(Array.from({ length }, () => (random() < 0.9 ? 0x61 : 0x62)))
    const patternLength = wholeBetween(random, 2, 5)
    const pattern = Buffer.from(
      Array.from({ length: patternLength }, () => 0x61 + +(random() < 0.4)),
    )
    const start = wholeBetween(random, 0, length)
    const end = wholeBetween(random, start, length)
    const found = bytes.subarray(start, end).indexOf(pattern)
    const wanted = found < 0 ? -1 : start + found
    expect(indexOfBytes(bytes, pattern, start, end)).toBe(wanted)
    const single = bytes.subarray(start, end).indexOf(0x62)
    const at = indexOfByte(bytes, 0x62, start, end)
    expect(at).toBe(single < 0 ? -1 : start + single)
  }
})
