import { DESTROY_KEEPING_REASON } from '../native/records.js'
import type { AdaptableConnection } from './adapter.js'
import { DESTROYED, GONE } from './flags.js'
import { REASON_LOCAL_ABORT } from './reasons.js'

// What an adapter needs of its connection beyond the public contract.

/** Handed over and not taken by the kernel. */
export function queuedBytesOf(connection: AdaptableConnection): number {
  return (connection.flags & GONE) !== 0
    ? 0
    : (connection.home.queuedBytes[connection.slot] as number)
}

/** Asks for drain() although write() has not returned false; only with something queued. */
export function awaitDrain(connection: AdaptableConnection): void {
  connection.home.wantsDrain[connection.slot] = 1
}

/** destroy() of what said all it had to say: the reason of an end under way stays. */
export function leave(connection: AdaptableConnection): void {
  const { home, slot, generation } = connection
  if ((connection.flags & GONE) === 0) {
    connection.flags |= DESTROYED
    connection.dropHeld()
    home.submit.destroy(slot, generation, REASON_LOCAL_ABORT, DESTROY_KEEPING_REASON)
  }
}

/** TCP_NODELAY (tcp(7)); nothing once the connection has ended. */
export function setNoDelay(connection: AdaptableConnection, on: boolean): void {
  const { home, slot, generation } = connection
  if ((connection.flags & GONE) === 0) {
    home.native.setNoDelay(slot, generation, on)
  }
}

export interface LocalEnd {
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
}

/** Our own end; null once the connection has ended, and where the system did not tell. */
export function localEndOf(connection: AdaptableConnection): LocalEnd | null {
  const { home, slot, generation } = connection
  const local = (connection.flags & GONE) === 0 ? home.native.local(slot, generation) : undefined
  return local === undefined || local.family === 0 ? null : (local as LocalEnd)
}
