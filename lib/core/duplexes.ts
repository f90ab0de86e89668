import type { AdaptableConnection } from './adapter.js'
import type { ConnectionExtra } from './connection-extra.js'
import type { ConnectionDuplex, DuplexOptions } from './contract.js'
import { connectionClosed } from './errors.js'
import { GONE } from './flags.js'

type DuplexMaker = (
  connection: AdaptableConnection,
  options: DuplexOptions | undefined,
) => ConnectionDuplex

let make: DuplexMaker = () => {
  throw new Error('nothing has been given to makeDuplexesBy()')
}

/** The streams stand a floor above and are handed down here: lib/adapters/duplex.ts does it. */
export function makeDuplexesBy(maker: DuplexMaker): void {
  make = maker
}

interface DuplexSubject extends AdaptableConnection {
  readonly extra: ConnectionExtra | null
  needExtra(): ConnectionExtra
}

/** @throws HoldfastError ERR_HOLDFAST_CLOSED once the connection has ended and has no stream yet */
export function duplexOf(
  subject: DuplexSubject,
  options: DuplexOptions | undefined,
): ConnectionDuplex {
  const made = subject.extra?.duplex ?? null
  if (made !== null) {
    return made
  }
  if ((subject.flags & GONE) !== 0) {
    throw connectionClosed('toDuplex')
  }
  const duplex = make(subject, options)
  subject.needExtra().duplex = duplex
  return duplex
}
