import type { Store } from './store.js'

const SWEEP_MS = 100
/** Of a tick, at most: about a millisecond. */
const SWEPT_KEYS_MAX = 10_000

/**
 * Frees the memory of keys whose time is over. The timer runs while there are such keys and somebody is
 * connected: a server that nobody uses sleeps.
 */
export class Sweeping {
  readonly #store: Store
  #connections = 0
  #timer: NodeJS.Timeout | null = null

  constructor(store: Store) {
    this.#store = store
  }

  opened(): void {
    this.#connections++
    this.check()
  }

  closed(): void {
    if (--this.#connections === 0) {
      this.#stop()
    }
  }

  /** After a command, which may have given a key an end. */
  check(): void {
    if (this.#timer === null && this.#store.expiring > 0) {
      this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref()
    }
  }

  #sweep(): void {
    this.#store.sweep(SWEPT_KEYS_MAX)
    if (this.#store.expiring === 0) {
      this.#stop()
    }
  }

  #stop(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
  }
}
