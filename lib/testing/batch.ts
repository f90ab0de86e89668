import type { Deliver } from '../native/reactor.js'
import { KIND_DATA, RECORD_WORDS } from '../native/records.js'
import type { Memory } from './memory.js'

interface Pending {
  words: number[]
  payload: Uint8Array | null
}

const WORD_BYTES = 8
/** What the memory of a batch that is over is filled with: whoever kept a view of it reads this. */
export const POISON = 0xdd

/** The records that wait for the next batch, and how a batch is delivered. */
export class Batch {
  /** First free byte of the slab; a rest of an earlier batch may lie below. */
  slabStart = 0
  readonly #records: Int32Array
  readonly #slab: Uint8Array
  readonly #deliver: Deliver
  #pending: Pending[] = []

  constructor(memory: Memory, deliver: Deliver) {
    this.#records = new Int32Array(memory.completions)
    this.#slab = new Uint8Array(memory.receiveSlab)
    this.#deliver = deliver
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0
  }

  push(words: number[], payload: Uint8Array | null): void {
    this.#pending.push({ words, payload })
  }

  /** As many records as there is room for; the rest waits. Returns those it delivered. */
  deliver(): number[][] {
    const slab = this.#slab
    const start = this.slabStart
    let used = start
    let count = 0
    for (const { words, payload } of this.#pending) {
      const base = count * RECORD_WORDS
      const bytes = payload?.length ?? 0
      if (base === this.#records.length || used + bytes > slab.length) {
        break
      }
      this.#records.set([...words, 0, 0, 0, 0, 0, 0, 0].slice(0, RECORD_WORDS), base)
      if (payload !== null) {
        slab.set(payload, used)
        this.#records[base + (words[0] === KIND_DATA ? 3 : 5)] = used
        used = Math.min(slab.length, Math.ceil((used + bytes) / WORD_BYTES) * WORD_BYTES)
      }
      count++
    }
    const delivered = this.#pending.splice(0, count).map(({ words }) => words)
    if (count > 0) {
      this.#deliver(count, used)
    }
    slab.fill(POISON, start, used)
    return delivered
  }
}
