// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'

// Below glibc's mmap threshold (128 KiB): a fresh chunk costs no system call and no page faults.
const CHUNK_BYTES = 65_536

const ALIGN_MASK = 7

/**
 * Owns the memory that received chunks live in. A batch is copied out of native's slab once, into the
 * rest of the current chunk of memory, and handlers get views of that copy. A chunk is never reused:
 * it is freed when the last view of it is gone.
 */
export class ReceivePool {
  #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  #used = 0
  /** The memory the last copyIn() went to. */
  memory = this.#buffer.buffer as ArrayBuffer

  /** Copies `slab[from, to)` and returns where in `memory` it now begins. */
  copyIn(slab: Buffer, from: number, to: number): number {
    const bytes = to - from
    let at = this.#used
    if (at + bytes > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
      this.memory = this.#buffer.buffer as ArrayBuffer
      at = 0
    }
    slab.copy(this.#buffer, at, from, to)
    this.#used = (at + bytes + ALIGN_MASK) & ~ALIGN_MASK
    return at
  }
}
