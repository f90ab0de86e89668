import type { Adapter } from './adapter.js'
import type { ConnectionExtra } from './connection-extra.js'
import { ADAPTED, BLOCKED, BUSY, DESTROYED, GONE, HOLDING, PEER_ENDED } from './flags.js'
import type { ReaderSubject } from './reader.js'
import { REASON_PEER_END } from './reasons.js'
import { isThenable, type ServerState } from './server-state.js'

/** The part of a connection that calls of its handler work with. */
export interface HandlerSubject extends ReaderSubject {
  readonly home: ServerState
  extra: ConnectionExtra | null
  needExtra(): ConnectionExtra
  endWith(reason: number): void
  stop(cause: number): void
  goOn(cause: number): void
}

/** An async handler method that rejects fails its connection, like one that throws. */
export function followResult(subject: HandlerSubject, result: unknown): void {
  if (isThenable(result)) {
    Promise.resolve(result).then(undefined, (error: unknown) => subject.fail(error))
  }
}

export function callData(subject: HandlerSubject, chunk: Buffer): void {
  if ((subject.flags & ADAPTED) !== 0) {
    subject.extra?.adapter?.data(chunk)
    return
  }
  const result = subject.home.handler.data?.(subject, chunk)
  if (result !== undefined) {
    followResult(subject, result)
  }
}

/**
 * The peer's FIN: the handler first, then our own end unless half-open connections are allowed. An
 * adapter decides by itself; a reader has it wait while something is in hand.
 */
export function callEnd(subject: HandlerSubject): void {
  const { home } = subject
  subject.flags |= PEER_ENDED
  if ((subject.flags & ADAPTED) !== 0) {
    subject.extra?.adapter?.end()
    return
  }
  if (home.reader !== null && !home.reader.ended(subject)) {
    holdEnd(subject)
    return
  }
  const result = home.handler.end?.(subject)
  if (!home.allowHalfOpen && (subject.flags & ADAPTED) === 0) {
    subject.endWith(REASON_PEER_END)
  }
  if (result !== undefined) {
    followResult(subject, result)
  }
}

/** Keeps a chunk that arrived while paused, or behind one that is kept. */
export function holdChunk(subject: HandlerSubject, chunk: Buffer): void {
  const extra = subject.needExtra()
  if ((subject.flags & HOLDING) !== 0 && subject.home.reader !== null) {
    // A second chunk: the first was left by a reader that has enough in hand.
    subject.stop(BUSY)
  }
  subject.flags |= HOLDING
  if (extra.held === null) {
    extra.held = [chunk]
  } else {
    extra.held.push(chunk)
  }
}

/** Keeps the peer's end that arrived while paused, or behind chunks that are kept. */
export function holdEnd(subject: HandlerSubject): void {
  const extra = subject.needExtra()
  subject.flags |= HOLDING
  extra.held ??= []
  extra.heldEnd = true
}

/**
 * Delivers what is held, in a microtask: a handler that calls resume() is not entered again from
 * within that call.
 */
export function releaseSoon(subject: HandlerSubject): void {
  const extra = subject.needExtra()
  if (extra.releasing) {
    return
  }
  extra.releasing = true
  queueMicrotask(() => {
    extra.releasing = false
    releaseHeld(subject, BLOCKED)
  })
}

/**
 * Delivers held chunks in order until the connection has one of the `stopAt` flags again, or was
 * destroyed. Each chunk has its own try/catch, like a record of a batch.
 */
export function releaseHeld(subject: HandlerSubject, stopAt: number): void {
  const { extra, home } = subject
  if ((subject.flags & HOLDING) === 0 || extra === null || extra.held === null) {
    return
  }
  while ((subject.flags & (stopAt | DESTROYED)) === 0) {
    try {
      const chunk = extra.held.shift()
      if (chunk === undefined) {
        subject.flags &= ~HOLDING
        subject.goOn(BUSY)
        if (extra.heldEnd) {
          extra.heldEnd = false
          callEnd(subject)
        }
        return
      }
      if (home.reader === null || (subject.flags & ADAPTED) !== 0) {
        callData(subject, chunk)
        continue
      }
      const at = home.reader.receive(subject, chunk, 0, chunk.length, stopAt)
      if (at < chunk.length) {
        extra.held?.unshift(chunk.subarray(at))
        if ((subject.flags & ADAPTED) === 0) {
          return
        }
      }
    } catch (error) {
      subject.fail(error)
    }
  }
  if ((subject.flags & GONE) !== 0) {
    dropHeld(subject)
  }
}

export function dropHeld(subject: HandlerSubject): void {
  subject.flags &= ~HOLDING
  if (subject.extra !== null) {
    subject.extra.held = null
    subject.extra.heldEnd = false
  }
}

/** The adapter gets what the handler would have got, and first what is held or half decoded. */
export function adapt(subject: HandlerSubject, adapter: Adapter): void {
  const rest = subject.home.reader?.forget(subject) ?? null
  const extra = subject.needExtra()
  extra.adapter = adapter
  subject.flags |= ADAPTED
  if (rest !== null) {
    extra.held ??= []
    extra.held.unshift(rest)
    subject.flags |= HOLDING
  }
  if ((subject.flags & PEER_ENDED) !== 0) {
    holdEnd(subject) // once more, for one that comes late
  }
  subject.goOn(BUSY)
  if ((subject.flags & HOLDING) !== 0) {
    releaseSoon(subject)
  }
}
