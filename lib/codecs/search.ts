// Most delimiters are found within so many bytes. Only behind them is a call of the C library worth
// its price, which is that of a view too.
const NEAR_BYTES = 512

const LOW_BITS = 0x01010101
const HIGH_BITS = 0x80808080 | 0

/** Where `byte` first stands in bytes[start, end), or -1; `view` is of the same bytes. */
export function indexOfByte(
  bytes: Buffer,
  view: DataView,
  byte: number,
  start: number,
  end: number,
): number {
  const near = Math.min(end, start + NEAR_BYTES)
  const found = nearByte(bytes, view, byte, start, near)
  if (found >= 0 || near === end) {
    return found
  }
  const far = bytes.subarray(near, end).indexOf(byte)
  return far < 0 ? -1 : near + far
}

/** The same for several bytes. */
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
    // A client may send nothing but first bytes.
    if (bytes[at] !== first) {
      at = indexOfByte(bytes, view, first, at + 1, last + 1)
      if (at < 0) {
        return -1
      }
    }
    if (matches(bytes, pattern, at)) {
      return at
    }
  }
  return -1
}

/**
 * Eight bytes at a time (the test for a zero byte of Mycroft, 1987): a call of Buffer.indexOf costs more
 * than a short search, and would go on behind `end`.
 */
function nearByte(bytes: Buffer, view: DataView, byte: number, start: number, end: number): number {
  const pattern = (byte * LOW_BITS) | 0
  let at = start
  for (; at + 8 <= end; at += 8) {
    const first = zerosOf(view.getInt32(at, true) ^ pattern)
    const second = zerosOf(view.getInt32(at + 4, true) ^ pattern)
    if ((first | second) !== 0) {
      return first !== 0 ? at + firstOf(first) : at + 4 + firstOf(second)
    }
  }
  for (; at < end; at++) {
    if (bytes[at] === byte) {
      return at
    }
  }
  return -1
}

/** Not 0 if a byte of the word is zero; its lowest bit that is set is then of the first such byte. */
function zerosOf(word: number): number {
  return (word - LOW_BITS) & ~word & HIGH_BITS
}

function firstOf(zeros: number): number {
  return (31 - Math.clz32(zeros & -zeros)) >> 3
}

/** Whether the pattern stands at `at`; its first byte does. */
function matches(bytes: Buffer, pattern: Uint8Array, at: number): boolean {
  for (let i = 1; i < pattern.length; i++) {
    if (bytes[at + i] !== pattern[i]) {
      return false
    }
  }
  return true
}
