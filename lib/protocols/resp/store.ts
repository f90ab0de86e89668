/** Of a key, in bytes. */
export const KEY_BYTES_MAX = 65_536
/** V8 has no larger Map than 2^24, and the heap of Node ends before. */
export const KEYS_MAX = 2 ** 23
/** Counted for each key besides its bytes and its value's: the entry of the map, two strings. */
const KEY_OVERHEAD_BYTES = 96

/**
 * Strings by key, one byte a character, some of them for a time. A key whose time is over is gone for
 * whoever asks, and its memory is free when the sweep has come to it.
 */
export class Store {
  readonly #values = new Map<string, string>()
  /** When a key ends, in the milliseconds of `now`. */
  readonly #ends = new Map<string, number>()
  readonly #maxBytes: number
  readonly #maxKeys: number
  readonly #now: () => number
  #bytes = 0
  #sweep: Iterator<[string, number]> | null = null

  constructor(maxBytes: number, maxKeys: number, now: () => number) {
    this.#maxBytes = maxBytes
    this.#maxKeys = maxKeys
    this.#now = now
  }

  get size(): number {
    return this.#values.size
  }

  /** How many of the keys have an end. */
  get expiring(): number {
    return this.#ends.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): string | undefined {
    return this.#isOver(key) ? undefined : this.#values.get(key)
  }

  /** What it had before is gone, an end too. false: there is no room, and nothing was changed. */
  set(key: string, value: string): boolean {
    if (!this.replace(key, value)) {
      return false
    }
    if (this.#ends.size > 0) {
      this.#ends.delete(key)
    }
    return true
  }

  /** set() that keeps the end. */
  replace(key: string, value: string): boolean {
    const old = this.get(key)
    const grows =
      old === undefined ? key.length + value.length + KEY_OVERHEAD_BYTES : value.length - old.length
    if (
      (grows > 0 && this.#bytes + grows > this.#maxBytes) ||
      (old === undefined && this.size >= this.#maxKeys)
    ) {
      return false
    }
    this.#values.set(key, value)
    this.#bytes += grows
    return true
  }

  delete(key: string): boolean {
    return !this.#isOver(key) && this.#remove(key)
  }

  clear(): void {
    this.#values.clear()
    this.#ends.clear()
    this.#bytes = 0
  }

  /** Ends a key in so many milliseconds, at once when there are none left. false: no such key. */
  expire(key: string, ms: number): boolean {
    if (this.get(key) === undefined) {
      return false
    }
    ms > 0 ? this.#ends.set(key, this.#now() + ms) : this.#remove(key)
    return true
  }

  /** Milliseconds that a key has left; null: no end, undefined: no such key. */
  left(key: string): number | null | undefined {
    if (this.get(key) === undefined) {
      return undefined
    }
    const end = this.#ends.get(key)
    return end === undefined ? null : end - this.#now()
  }

  /** Looks at up to `count` of the keys that have an end, going on where it stopped the last time. */
  sweep(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#sweep ??= this.#ends.entries()
      const { done, value } = this.#sweep.next()
      if (done === true) {
        this.#sweep = null
        return
      }
      if (value[1] <= this.#now()) {
        this.#remove(value[0])
      }
    }
  }

  #isOver(key: string): boolean {
    if (this.#ends.size === 0) {
      return false
    }
    const end = this.#ends.get(key)
    return end !== undefined && end <= this.#now() && this.#remove(key)
  }

  #remove(key: string): boolean {
    const value = this.#values.get(key)
    if (value === undefined) {
      return false
    }
    this.#bytes -= key.length + value.length + KEY_OVERHEAD_BYTES
    this.#values.delete(key)
    this.#ends.delete(key)
    return true
  }
}
