import { createHash } from 'node:crypto'

const WORD_BYTES = 4

/**
 * `length` bytes that look random and repeat nowhere, so that a byte lost, doubled or moved shows.
 * The same seed gives the same bytes.
 */
export function pattern(length: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / WORD_BYTES))
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return Buffer.from(words.buffer, 0, length)
}

/** Short enough for a failure message, long enough to tell two megabytes apart. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}
