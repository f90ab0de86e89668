import { setTimeout as delay } from 'node:timers/promises'
import { testError } from './errors.js'
import type { MemoryReactor } from './reactor.js'

// Taken now: a test may put mock timers in their place.
const nextTurn = setImmediate
const realDelay = delay
const realNow = performance.now.bind(performance)

// What hangs on nothing of ours (timers, files of the handler's) takes real time; nobody tells when it
// is over.
const PATIENCE_MS = 2_000
const POLL_MS = 1

// A handler that awaits what a turn of the event loop brings about, is given as many in a row.
const IDLE_TURNS = 2

// Beyond it, two sides answer each other for ever.
const TURNS_MAX = 100_000
const STEPS_MAX = 1_000_000

/** Makes the turns of a reactor in memory, and moves its clock. */
export class Driver {
  readonly #reactor: MemoryReactor
  #settling: Promise<void> | null = null

  constructor(reactor: MemoryReactor) {
    this.#reactor = reactor
  }

  /** Turns until nothing is left to do at this moment of the virtual clock. */
  settle(): Promise<void> {
    this.#settling ??= this.#settle()
    return this.#settling
  }

  /** Each rule at its own time, and what follows from it before the next. */
  async advance(ms: number): Promise<void> {
    const reactor = this.#reactor
    await this.settle()
    const untilMs = reactor.nowMs + ms
    for (let steps = 0; ; steps++) {
      const dueMs = reactor.nextDueMs
      if (dueMs === null || dueMs > untilMs) {
        break
      }
      if (steps === STEPS_MAX) {
        throw testError(`advance: more than ${STEPS_MAX} deadlines within ${ms} ms`)
      }
      reactor.nowMs = Math.max(reactor.nowMs, dueMs)
      reactor.judge()
      await this.settle()
    }
    reactor.nowMs = untilMs
  }

  /** @throws HoldfastError ERR_HOLDFAST_TEST with what `problem` says, when it does not come about */
  async until(isDone: () => boolean, problem: () => string): Promise<void> {
    await this.settle()
    const givenUpAt = realNow() + PATIENCE_MS
    while (!isDone()) {
      if (realNow() > givenUpAt) {
        throw testError(problem())
      }
      await realDelay(POLL_MS)
      await this.settle()
    }
  }

  async #settle(): Promise<void> {
    const reactor = this.#reactor
    await null // a handler that is called here may ask for the same
    try {
      for (let idle = 0, turns = 0; idle < IDLE_TURNS; turns++) {
        if (turns === TURNS_MAX) {
          throw testError(`settle: not within ${TURNS_MAX} turns; does the test answer itself?`)
        }
        const hadWork = reactor.hasWork
        reactor.deliver()
        await new Promise<void>((resolve) => nextTurn(resolve))
        const wasAsked = reactor.hasWork
        reactor.flush()
        idle = hadWork || wasAsked ? 0 : idle + 1
      }
    } finally {
      // With the last look at the reactor: whoever has something to do from now on begins anew.
      this.#settling = null
    }
  }
}
