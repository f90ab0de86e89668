/**
 * Where `byte` first stands in bytes[start, end), or -1. Buffer.indexOf is as fast as the C library, but
 * goes on behind `end`, through what may be a megabyte of other clients' bytes: so the byte is put there
 * for as long as the search takes. A view that ends there would cost more than the search.
 */
export function indexOfByte(bytes: Buffer, byte: number, start: number, end: number): number {
  if (end === bytes.length) {
    return bytes.indexOf(byte, start)
  }
  const kept = bytes[end] as number
  bytes[end] = byte
  const found = bytes.indexOf(byte, start)
  bytes[end] = kept
  return found >= end ? -1 : found
}

/** The same for several bytes. */
export function indexOfBytes(
  bytes: Buffer,
  pattern: Uint8Array,
  start: number,
  end: number,
): number {
  const first = pattern[0] as number
  const last = end - pattern.length
  for (let at = start; at <= last; at++) {
    // A client may send nothing but first bytes.
    if (bytes[at] !== first) {
      at = indexOfByte(bytes, first, at + 1, last + 1)
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

/** Whether the pattern stands at `at`; its first byte does. */
function matches(bytes: Buffer, pattern: Uint8Array, at: number): boolean {
  for (let i = 1; i < pattern.length; i++) {
    if (bytes[at + i] !== pattern[i]) {
      return false
    }
  }
  return true
}
