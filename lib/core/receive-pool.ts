// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'
import { KIND_DATA, RECORD_WORDS } from '../native/records.js'

/**
 * What a chunk that is kept pins at most, its own bytes aside. Below glibc's mmap threshold (128 KiB):
 * fresh memory costs no system call and no page faults.
 */
export const POOLED_BYTES = 65_536

/** In a batch that the pool's memory cannot hold, a chunk of this size has memory of its own. */
export const LARGE_CHUNK_BYTES = 16_384

const ALIGN_MASK = 7

/**
 * Owns the memory that received chunks live in. A batch is copied out of native's slab once, into the
 * rest of the current piece of memory, and handlers get views of that copy. Memory is never reused:
 * it is freed when the last view of it is gone. A batch too large for one piece is copied in several,
 * its large chunks each into memory of their own, so that a small chunk never pins much.
 */
export class ReceivePool {
  #buffer = Buffer.allocUnsafeSlow(POOLED_BYTES)
  #used = 0
  /** The memory the last copy() went to, whole. */
  bytes = this.#buffer
  memory = this.#buffer.buffer as ArrayBuffer
  /** Where in the slab the last copy() ended. */
  copiedTo = 0

  /**
   * Copies what `slab[0, slabBytes)` holds of the batch from the data record at `base` on: all of it
   * when it fits, else that chunk and the small ones that follow it. Returns how much further in
   * `memory` than in the slab the bytes now are, which may be negative.
   */
  copy(slab: Buffer, slabBytes: number, records: Int32Array, base: number, end: number): number {
    const from = records[base + 3] as number
    const length = records[base + 4] as number
    if (slabBytes - from <= POOLED_BYTES) {
      this.copiedTo = slabBytes
    } else if (length < LARGE_CHUNK_BYTES) {
      this.copiedTo = endOfRun(records, base, end)
    } else {
      const own = Buffer.allocUnsafeSlow(length)
      this.copiedTo = from + length
      this.bytes = own
      this.memory = own.buffer as ArrayBuffer
      slab.copy(own, 0, from, this.copiedTo)
      return -from
    }
    const bytes = this.copiedTo - from
    if (this.#used + bytes > POOLED_BYTES) {
      this.#buffer = Buffer.allocUnsafeSlow(POOLED_BYTES)
      this.#used = 0
    }
    const at = this.#used
    this.bytes = this.#buffer
    this.memory = this.#buffer.buffer as ArrayBuffer
    slab.copy(this.#buffer, at, from, this.copiedTo)
    this.#used = (at + bytes + ALIGN_MASK) & ~ALIGN_MASK
    return at - from
  }
}

/** Where the small chunks end that begin with the record at `base` and fit one piece of memory. */
function endOfRun(records: Int32Array, base: number, end: number): number {
  const from = records[base + 3] as number
  let to = from + (records[base + 4] as number)
  for (let next = base + RECORD_WORDS; next < end; next += RECORD_WORDS) {
    if (records[next] !== KIND_DATA) {
      continue
    }
    const offset = records[next + 3] as number
    const length = records[next + 4] as number
    if (offset < to || length >= LARGE_CHUNK_BYTES || offset + length - from > POOLED_BYTES) {
      break
    }
    to = offset + length
  }
  return to
}
