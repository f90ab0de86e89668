// Longer delays ring at once in Node's timers.
export const TIMEOUT_MS_MAX = 2 ** 31 - 1

/**
 * The idle time of one stream: `ring` after `ms` without activity, once until there is some again.
 * Re-armed lazily: activity stores a time, and only a timer that rings early looks at it. Its timer
 * never keeps the process alive.
 */
export class IdleTimeout {
  readonly #ring: () => void
  #ms = 0
  #activeAtMs = 0
  #timer: NodeJS.Timeout | null = null
  #ringsAtMs = 0

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** From now on; 0: none. */
  set(ms: number): void {
    this.#ms = ms
    if (ms > 0) {
      this.active()
      // Three calls a request are HTTP's way, so a timer that rings sooner is left alone.
      if (this.#ringsAtMs > this.#activeAtMs + ms) {
        this.#arm(ms)
      }
    }
  }

  active(): void {
    if (this.#ms > 0) {
      this.#activeAtMs = performance.now()
      if (this.#timer === null) {
        this.#arm(this.#ms)
      }
    }
  }

  /** For good. */
  clear(): void {
    this.#ms = 0
    if (this.#timer !== null) {
      clearTimeout(this.#timer)
      this.#timer = null
    }
  }

  #arm(ms: number): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer)
    }
    this.#ringsAtMs = performance.now() + ms
    this.#timer = setTimeout(rang, ms, this).unref()
  }

  /** Called by its timer. */
  rang(): void {
    this.#timer = null
    if (this.#ms === 0) {
      return
    }
    // Timers count whole milliseconds, and may ring up to one early.
    const leftMs = Math.round(this.#activeAtMs + this.#ms - performance.now())
    if (leftMs > 0) {
      this.#arm(leftMs)
    } else {
      this.#ring()
    }
  }
}

function rang(timeout: IdleTimeout): void {
  timeout.rang()
}
