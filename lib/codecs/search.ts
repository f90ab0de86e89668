// What is found within so many bytes is found without a call of the C library, which has its price;
// what is not is left to it, for it is faster then.
const SHORT_BYTES = 512

const LOW_BITS = 0x01010101
const HIGH_BITS = 0x80808080 | 0

/**
 * Where `byte` first stands in bytes[start, end), or -1; `view` is of the same bytes. Eight bytes at a
 * time (the test for a zero byte of Mycroft, 1987): Buffer.indexOf would go on behind `end`.
 */
export function indexOfByte(
  bytes: Buffer,
  view: DataView,
  byte: number,
  start: number,
  end: number,
): number {
  const pattern = (byte * LOW_BITS) | 0
  const near = Math.min(end, start + SHORT_BYTES)
  let at = start
  for (; at + 8 <= near; at += 8) {
    const first = zerosOf(view.getInt32(at, true) ^ pattern)
    const second = zerosOf(view.getInt32(at + 4, true) ^ pattern)
    if ((first | second) !== 0) {
      return first !== 0 ? at + firstOf(first) : at + 4 + firstOf(second)
    }
  }
  for (; at < near; at++) {
    if (bytes[at] === byte) {
      return at
    }
  }
  if (near === end) {
    return -1
  }
  const far = bytes.subarray(near, end).indexOf(byte)
  return far < 0 ? -1 : near + far
}

/** Not 0 if a byte of the word is zero; its lowest bit that is set is then of the first such byte. */
function zerosOf(word: number): number {
  return (word - LOW_BITS) & ~word & HIGH_BITS
}

function firstOf(zeros: number): number {
  return (31 - Math.clz32(zeros & -zeros)) >> 3
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
  const near = Math.min(last, start + SHORT_BYTES - 1)
  for (let at = start; at <= near; at++) {
    at = indexOfByte(bytes, view, first, at, near + 1)
    if (at < 0) {
      break
    }
    if (matches(bytes, pattern, at)) {
      return at
    }
  }
  if (near >= last) {
    return -1
  }
  // Not a call for each first byte: a client could send nothing else.
  const far = bytes.subarray(near + 1, end).indexOf(pattern)
  return far < 0 ? -1 : near + 1 + far
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
