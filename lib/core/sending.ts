import type { Connection, WriteEncoding } from './contract.js'
import { add, BYTES_HANDED_OVER, WRITES_AFTER_END } from './counters.js'
import { noCodec } from './errors.js'
import { NOT_WRITABLE } from './flags.js'
import { REASON_SLOW_CONSUMER } from './reasons.js'
import type { ServerState } from './server-state.js'
import { OVER_LIMIT } from './submit.js'

/** The part of a connection that sending works with. */
export interface SendingSubject extends Connection {
  readonly home: ServerState
  readonly slot: number
  readonly generation: number
  flags: number
  destroyWith(reason: number, reset: boolean): void
}

export function writeBytes(
  subject: SendingSubject,
  data: string | Uint8Array,
  encoding: WriteEncoding,
): boolean {
  const { home, slot, generation } = subject
  if ((subject.flags & NOT_WRITABLE) !== 0) {
    add(home.counters.totals, WRITES_AFTER_END, 1)
    return false
  }
  const { submit } = home
  return wrote(subject, submit.write(slot, generation, data, encoding, home.maxQueuedBytes))
}

/** A message, by the codec of the server's protocol. */
export function sendMessage(subject: SendingSubject, message: unknown): boolean {
  const { home, slot, generation } = subject
  const { reader, submit } = home
  if (reader === null) {
    throw noCodec()
  }
  if ((subject.flags & NOT_WRITABLE) !== 0) {
    add(home.counters.totals, WRITES_AFTER_END, 1)
    return false
  }
  const { maxQueuedBytes } = home
  return wrote(subject, submit.send(slot, generation, message, reader.encoder, maxQueuedBytes))
}

/** What follows from what the connection has queued after a write. */
function wrote(subject: SendingSubject, queued: number): boolean {
  const { home, slot } = subject
  if (queued === OVER_LIMIT) {
    subject.destroyWith(REASON_SLOW_CONSUMER, false)
    return false
  }
  add(home.counters.totals, BYTES_HANDED_OVER, home.submit.taken)
  if (queued > home.highWatermarkBytes) {
    home.wantsDrain[slot] = 1
    return false
  }
  return true
}
