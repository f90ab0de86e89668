import { performance } from 'node:perf_hooks'
import type { CloseOptions, Connection } from './contract.js'
import { MESSAGE_BYTES_MAX } from './limits.js'
import { REASON_SHUTDOWN } from './reasons.js'
import { type DrainPart, isThenable, type ServerState } from './server-state.js'
import { bytesOption, checkOptionNames, integerOption, objectOption } from './validate.js'

/** The part of a connection that being ended works with. */
export interface DrainSubject extends Connection {
  endWith(reason: number): void
  destroyWith(reason: number, reset: boolean): void
  /** Ends the connection with handler-error. */
  fail(error: unknown): void
}

export interface ResolvedDrain {
  deadlineMs: number
  /** Infinity: all at once. */
  perSecond: number
  message: Uint8Array | null
}

export const DEADLINE_MS_DEFAULT = 10_000
/** The longest delay of a Node timer. */
export const DEADLINE_MS_MAX = 2 ** 31 - 1
export const PER_SECOND_MAX = 1_000_000

// One round trip: so long a handshake under way may take. A SYN that is dropped meanwhile is sent
// again a second after the first (RFC 6298, 2.1), and finds the port closed or another process.
const GRACE_MS = 200

const STEP_MS = 50

/**
 * Checks the options of close() and fills in the defaults.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, its value and what is allowed
 */
export function resolveDrain(options: CloseOptions): ResolvedDrain {
  const given = objectOption('close: options', options)
  checkOptionNames('close', given, ['deadlineMs', 'perSecond', 'message'])
  const { deadlineMs = DEADLINE_MS_DEFAULT, perSecond, message } = given
  return {
    deadlineMs: integerOption('close: deadlineMs', deadlineMs, 0, DEADLINE_MS_MAX, 'ms'),
    perSecond:
      perSecond === undefined
        ? Number.POSITIVE_INFINITY
        : integerOption('close: perSecond', perSecond, 1, PER_SECOND_MAX),
    message:
      message === undefined ? null : bytesOption('close: message', message, MESSAGE_BYTES_MAX),
  }
}

/**
 * How a server ends: nobody new begins, who is at the door is let in, and one connection after the
 * other gets its turn to say goodbye; at the deadline the rest is destroyed.
 */
export class Drain implements DrainPart {
  readonly #state: ServerState
  readonly #connections: () => Iterable<DrainSubject>
  readonly #perSecond: number
  readonly #message: Uint8Array | null
  /**
   * By slot, then as they arrive. The clients are spread by time; a slot says nothing about who has
   * it, so any order is as good.
   */
  #line: DrainSubject[] = []
  #next = 0
  /** Turns that may be given now: grows by a step's share, and a fraction is kept. */
  #credit = 0
  #step: NodeJS.Timeout | null = null
  #deadline: { timer: NodeJS.Timeout; at: number } | null = null
  #late = false
  #warned = false
  #whenDrained: () => void = () => {}
  /** Nobody will arrive, all connections have ended, and their hooks have run or are late. */
  readonly over: Promise<void>

  constructor(
    state: ServerState,
    connections: () => Iterable<DrainSubject>,
    { perSecond, message }: ResolvedDrain,
  ) {
    this.#state = state
    this.#connections = connections
    this.#perSecond = perSecond
    // Its owner may use the array again before the last turn.
    this.#message = message === null ? null : Uint8Array.from(message)
    const drained = new Promise<void>((resolve) => {
      this.#whenDrained = resolve
    })
    this.over = drained.then(() => this.#settled())
  }

  /** Apart from the constructor, for handlers are called that may call close() again. */
  begin(listener: number, deadlineMs: number): void {
    this.#line = [...this.#connections()]
    this.#state.drain = this
    this.#state.native.drainListener(listener, Math.min(GRACE_MS, deadlineMs))
    this.#setDeadline(deadlineMs)
    this.#warnIfTooSlow(deadlineMs)
    this.#giveTurns()
  }

  /** After handler.open of one that was at the door. */
  join(connection: DrainSubject): void {
    if (this.#late) {
      connection.destroyWith(REASON_SHUTDOWN, false)
      return
    }
    this.#line.push(connection)
    if (this.#step === null) {
      this.#giveTurns()
    }
  }

  drained(): void {
    if (this.#deadline !== null) {
      // Those who were at the door are in line now; the next turns are up to a step away.
      this.#warnIfTooSlow(Math.round(this.#deadline.at - performance.now()), STEP_MS)
    }
    this.#whenDrained()
  }

  shorten(deadlineMs: number): void {
    if (this.#deadline !== null && performance.now() + deadlineMs < this.#deadline.at) {
      clearTimeout(this.#deadline.timer)
      this.#setDeadline(deadlineMs)
    }
  }

  /** As many turns as this step has, and the next step while somebody is left. */
  #giveTurns(): void {
    this.#step = null
    this.#credit += (this.#perSecond * STEP_MS) / 1000
    while (this.#next < this.#line.length && this.#credit >= 1) {
      const connection = this.#line[this.#next++] as DrainSubject
      // Whoever is ending already needs no turn.
      if (connection.writable) {
        this.#credit--
        this.#sayGoodbye(connection)
      }
    }
    if (this.#credit >= 1) {
      this.#credit = 0 // not saved up: it would be a burst later on
    }
    // Also behind the last, so that one who joins waits for the next step like everybody.
    if (Number.isFinite(this.#perSecond)) {
      this.#step = setTimeout(() => this.#giveTurns(), STEP_MS)
    }
  }

  #sayGoodbye(connection: DrainSubject): void {
    try {
      const result = this.#state.handler.shutdown?.(connection)
      if (isThenable(result)) {
        Promise.resolve(result).then(
          () => this.#end(connection),
          (error: unknown) => connection.fail(error),
        )
        return
      }
    } catch (error) {
      connection.fail(error)
      return
    }
    this.#end(connection)
  }

  #end(connection: DrainSubject): void {
    if (this.#message !== null && connection.writable) {
      connection.write(this.#message)
    }
    connection.endWith(REASON_SHUTDOWN)
  }

  async #settled(): Promise<void> {
    const state = this.#state
    await new Promise<void>((resolve) => {
      state.whenSettled = resolve
      state.checkSettled()
    })
    state.whenSettled = null
    this.#clearTimers()
  }

  #setDeadline(deadlineMs: number): void {
    const timer = setTimeout(() => {
      this.#late = true
      this.#clearTimers()
      for (const connection of this.#connections()) {
        connection.destroyWith(REASON_SHUTDOWN, false)
      }
    }, deadlineMs)
    this.#deadline = { timer, at: performance.now() + deadlineMs }
  }

  #clearTimers(): void {
    clearTimeout(this.#step ?? undefined)
    clearTimeout(this.#deadline?.timer)
    this.#step = this.#deadline = null
  }

  #warnIfTooSlow(leftMs: number, slackMs = 0): void {
    let waiting = 0
    for (let at = this.#next; at < this.#line.length; at++) {
      waiting += (this.#line[at] as DrainSubject).writable ? 1 : 0
    }
    const neededMs = Math.ceil((waiting / this.#perSecond) * 1000)
    if (this.#warned || neededMs <= leftMs + slackMs) {
      return
    }
    this.#warned = true
    process.emitWarning(
      `close: ${waiting} connections at perSecond ${this.#perSecond} take ${neededMs} ms; what is left at the deadline, in ${leftMs} ms, ends then, at once`,
      { type: 'HoldfastWarning', code: 'HOLDFAST_DRAIN_TOO_SLOW' },
    )
  }
}
