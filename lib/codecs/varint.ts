/** An unsigned 32-bit number has at most so many bytes. */
export const VARINT_BYTES_MAX = 5
export const VARINT_MAX = 2 ** 32 - 1

const CONTINUES = 0x80
const LOW_7 = 0x7f
/** What the fifth byte has left of 32 bits. */
const FIFTH_MAX = 0x0f

/**
 * Where the number ends that begins at `at` (unsigned LEB128, as in the protobuf encoding guide, "Base
 * 128 Varints"); more than `end`: its bytes are not all there yet. ~place (negative): of the first byte that
 * is wrong, for it takes the number above 32 bits, or could be left out.
 */
export function endOfVarint(bytes: Uint8Array, at: number, end: number): number {
  const to = Math.min(end, at + VARINT_BYTES_MAX)
  for (let next = at; next < to; next++) {
    const byte = bytes[next] as number
    const fifth = next === at + VARINT_BYTES_MAX - 1
    if ((fifth && byte > FIFTH_MAX) || (byte === 0 && next > at)) {
      return ~next
    }
    if (byte < CONTINUES) {
      return next + 1
    }
  }
  return end + 1
}

/** Of a number that ends before `end`. */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let next = end - 1; next >= at; next--) {
    value = value * 128 + ((bytes[next] as number) & LOW_7)
  }
  return value
}

/** `bytes` must have room. Returns where the number ends. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let next = at
  let left = value
  for (; left > LOW_7; left = Math.floor(left / 128)) {
    bytes[next++] = (left % 128) | CONTINUES
  }
  bytes[next++] = left
  return next
}
