import type { DisconnectCompletion } from './completion.js'
import type { Connection, IdentityKey } from './contract.js'
import { WAITING } from './flags.js'
import { REASON_REPLACED } from './reasons.js'

/** The part of a connection that being replaced works with. */
export interface IdentitySubject extends Connection {
  stop(cause: number): void
  goOn(cause: number): void
  destroyWith(reason: number, reset: boolean): void
}

/**
 * The connection of each key: at most one. A key is free again when the last hook of its connection
 * has run, so that whoever comes back finds the old one cleaned up, however it ended.
 */
export class Identities {
  readonly #byKey = new Map<IdentityKey, IdentitySubject>()
  readonly #keys = new Map<Connection, IdentityKey>()

  find(key: IdentityKey): Connection | undefined {
    return this.#byKey.get(key)
  }

  /**
   * Gives the key to this connection, which must be open. Who had it ends with replaced; until its
   * hooks have run or are late, nothing more is read for this one. The completion of the one that
   * was replaced, or null.
   */
  async identify(subject: IdentitySubject, key: IdentityKey): Promise<DisconnectCompletion | null> {
    const old = this.#byKey.get(key)
    if (old === subject) {
      return null
    }
    this.forget(subject)
    // Before anything is awaited: of two that come for one key at once the later replaces the
    // earlier, and each is replaced once.
    this.#byKey.set(key, subject)
    this.#keys.set(subject, key)
    if (old === undefined) {
      return null
    }
    this.#keys.delete(old)
    subject.stop(WAITING)
    old.destroyWith(REASON_REPLACED, false)
    const completion = await old.closed
    subject.goOn(WAITING)
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
}
