import type { ConnectionExtra } from './connection-extra.js'
import type { Connection } from './contract.js'
import { DESTROYED, GONE, HOLDING, STOPPED } from './flags.js'
import { REASON_PEER_END } from './reasons.js'
import { isThenable, type ServerState } from './server-state.js'

/** The part of a connection that calls of its handler work with. */
export interface HandlerSubject extends Connection {
  readonly home: ServerState
  flags: number
  extra: ConnectionExtra | null
  needExtra(): ConnectionExtra
  /** Ends the connection with handler-error. */
  fail(error: unknown): void
  endWith(reason: number): void
}

/** An async handler method that rejects fails its connection, like one that throws. */
export function followResult(subject: HandlerSubject, result: unknown): void {
  if (isThenable(result)) {
    Promise.resolve(result).then(undefined, (error: unknown) => subject.fail(error))
  }
}

/** The peer's FIN: the handler first, then our own end unless half-open connections are allowed. */
export function callEnd(subject: HandlerSubject): void {
  const { home } = subject
  const result = home.handler.end?.(subject)
  if (!home.allowHalfOpen) {
    subject.endWith(REASON_PEER_END)
  }
  if (result !== undefined) {
    followResult(subject, result)
  }
}

/** Keeps a chunk that arrived while paused, or behind one that is kept. */
export function holdChunk(subject: HandlerSubject, chunk: Buffer): void {
  const extra = subject.needExtra()
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
    releaseHeld(subject, STOPPED)
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
        if (extra.heldEnd) {
          extra.heldEnd = false
          callEnd(subject)
        }
        return
      }
      const result = home.handler.data?.(subject, chunk)
      if (result !== undefined) {
        followResult(subject, result)
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
