// Spans above this are searched by the C library: only there is its call worth its price.
const LONG_BYTES = 1024

const LOW_BITS = 0x01010101
const HIGH_BITS = 0x80808080 | 0

/**
 * Where `byte` first stands in bytes[start, end), or -1; `view` is of the same bytes. Eight bytes at a time (the test for a zero
 * byte of Mycroft, 1987): a call of Buffer.indexOf costs more than a short search, and would go on
 * behind `end`.
 */
export function indexOfByte(
  bytes: Buffer,
  view: DataView,
  byte: number,
  start: number,
  end: number,
): number {
  if (end - start > LONG_BYTES) {
    const found = bytes.subarray(start, end).indexOf(byte)
    return found < 0 ? -1 : start + found
  }
  const pattern = (byte * LOW_BITS) | 0
  let at = start
  for (; at + 8 <= end; at += 8) {
    const word = view.getInt32(at, true) ^ pattern
    const next = view.getInt32(at + 4, true) ^ pattern
    if (((((word - LOW_BITS) & ~word) | ((next - LOW_BITS) & ~next)) & HIGH_BITS) !== 0) {
      break
    }
  }
  for (; at < end; at++) {
    if (bytes[at] === byte) {
      return at
    }
  }
  return -1
}

/** The same for several bytes, the first of which is the rarest one to wait for. */
export function indexOfBytes(
  bytes: Buffer,
  view: DataView,
  pattern: Uint8Array,
  start: number,
  end: number,
): number {
  const first = pattern[0] as number
  const last = end - pattern.length
  for (let at = start; at <= last; at++) {
    at = indexOfByte(bytes, view, first, at, last + 1)
    if (at < 0) {
      return -1
    }
    if (matches(bytes, pattern, at)) {
      return at
    }
  }
  return -1
}

function matches(bytes: Buffer, pattern: Uint8Array, at: number): boolean {
  for (let i = 1; i < pattern.length; i++) {
    if (bytes[at + i] !== pattern[i]) {
      return false
    }
  }
  return true
}
