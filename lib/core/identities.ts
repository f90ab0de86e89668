import type { DisconnectCompletion } from './completion.js'
import type { Connection, IdentityKey } from './contract.js'
import { WAITING } from './flags.js'
import { REASON_REPLACED } from './reasons.js'

/** The part of a connection that being replaced works with. */
export interface IdentitySubject extends Connection {
  /** Destroyed or closed. */
  readonly isGone: boolean
  stop(cause: number): void
  goOn(cause: number): void
  destroyWith(reason: number, reset: boolean): void
}

/** Settles when the hooks of all who had the key before have run; the completion of the last one. */
type Turn = Promise<DisconnectCompletion | null>

/**
 * The connection of each key: at most one. A key is free again when the last hook of each of its
 * connections has run, so that whoever comes back finds the old ones cleaned up, however they ended.
 */
export class Identities {
  readonly #byKey = new Map<IdentityKey, IdentitySubject>()
  readonly #keys = new Map<Connection, IdentityKey>()
  /** Of the keys for which somebody waits, the last turn: each begins when the one before is over. */
  readonly #turns = new Map<IdentityKey, Turn>()
  /** How many turns a connection waits for; more than one when it took another key meanwhile. */
  readonly #waits = new Map<IdentitySubject, number>()

  find(key: IdentityKey): Connection | undefined {
    const found = this.#byKey.get(key)
    return found?.isGone === false ? found : undefined
  }

  /**
   * Gives the key to this connection, which must be open. Who had it ends with replaced; until the
   * hooks of all who had it have run or are late, nothing more is read for this one. The completion
   * of the last one that had it, or null.
   */
  async identify(subject: IdentitySubject, key: IdentityKey): Promise<DisconnectCompletion | null> {
    const old = this.#byKey.get(key)
    const before = this.#turns.get(key)
    if (old === subject) {
      await before
      return null
    }
    this.forget(subject)
    // Before anything is awaited: of two that come for one key at once the later replaces the
    // earlier, and each is replaced once.
    this.#byKey.set(key, subject)
    this.#keys.set(subject, key)
    if (old === undefined && before === undefined) {
      return null
    }
    if (old !== undefined) {
      this.#keys.delete(old)
      old.destroyWith(REASON_REPLACED, false)
    }
    const turn = after(before, old)
    this.#turns.set(key, turn)
    this.#wait(subject)
    const completion = await turn
    if (this.#turns.get(key) === turn) {
      this.#turns.delete(key)
    }
    this.#goOn(subject)
    return completion
  }

  /** Harmless for a connection without a key, and for one whose key another has by now. */
  forget(subject: Connection): void {
    const key = this.#keys.get(subject)
    if (key !== undefined) {
      this.#keys.delete(subject)
      this.#byKey.delete(key)
    }
  }

  #wait(subject: IdentitySubject): void {
    this.#waits.set(subject, (this.#waits.get(subject) ?? 0) + 1)
    subject.stop(WAITING)
  }

  #goOn(subject: IdentitySubject): void {
    const left = (this.#waits.get(subject) as number) - 1
    if (left > 0) {
      this.#waits.set(subject, left)
      return
    }
    this.#waits.delete(subject)
    subject.goOn(WAITING)
  }
}

/** Keeps no turn but the one before, however many connections come for a key before it is free. */
async function after(before: Turn | undefined, old: Connection | undefined): Turn {
  await before
  return old === undefined ? null : old.closed
}
