import { inspect } from 'node:util'
import type { NativeReactor } from '../native/reactor.js'
import type { DisconnectCompletion } from './completion.js'
import type { CleanupHook, Connection, ErrorContext, Handler, Server } from './contract.js'
import { CounterStore } from './counters.js'
import type { Identities } from './identities.js'
import type { KeepalivePolicy } from './keepalive-policy.js'
import { makeReader, type Reader, type ReadingHandler } from './reader.js'
import type { RefusalCause } from './reasons.js'
import type { Submitter } from './submit.js'

/** What a server was told that its connections live by. */
export interface ServerSettings {
  readonly handler: Handler
  readonly keepalive: KeepalivePolicy
  readonly highWatermarkBytes: number
  readonly maxQueuedBytes: number
  readonly allowHalfOpen: boolean
  readonly cleanupTimeoutMs: number
}

/** What connections need of their reactor. */
export interface ReactorPart {
  readonly native: NativeReactor
  readonly submit: Submitter
  readonly queuedBytes: Uint32Array
  readonly wantsDrain: Uint8Array
  readonly throttles: Uint32Array
}

/** What a server that closes does with those who still arrive. */
export interface DrainPart {
  join(connection: Connection): void
  /** Nobody will arrive any more. */
  drained(): void
}

export type DisconnectListener = (
  completion: DisconnectCompletion,
  connection: Connection,
) => unknown
export type ErrorListener = (error: unknown, context: ErrorContext) => unknown
export type RefusedListener = (cause: RefusalCause, count: number) => unknown

/**
 * What the connections of one server share. Lists are replaced, never changed in place, so that an
 * iteration under way sees the list it began with.
 */
export class ServerState {
  readonly server: Server
  readonly handler: Handler
  readonly policy: KeepalivePolicy
  readonly native: NativeReactor
  readonly submit: Submitter
  readonly queuedBytes: Uint32Array
  readonly wantsDrain: Uint8Array
  readonly throttles: Uint32Array
  readonly highWatermarkBytes: number
  readonly maxQueuedBytes: number
  readonly allowHalfOpen: boolean
  readonly cleanupTimeoutMs: number
  /** null: the handler takes the bytes themselves. */
  readonly reader: Reader | null
  readonly counters = new CounterStore()
  /** Created by the first identify(). */
  identities: Identities | null = null
  cleanupHooks: readonly CleanupHook[] = []
  disconnectListeners: readonly DisconnectListener[] = []
  errorListeners: readonly ErrorListener[] = []
  refusedListeners: readonly RefusedListener[] = []
  /** Created by close(). */
  drain: DrainPart | null = null
  /** Connections whose hooks have not all run yet. */
  cleanupsPending = 0
  /** Set while close() waits for the last connection and the last hook. */
  whenSettled: (() => void) | null = null

  constructor(server: Server, settings: ServerSettings, reactor: ReactorPart) {
    this.server = server
    this.handler = settings.handler
    this.policy = settings.keepalive
    this.native = reactor.native
    this.submit = reactor.submit
    this.queuedBytes = reactor.queuedBytes
    this.wantsDrain = reactor.wantsDrain
    this.throttles = reactor.throttles
    this.highWatermarkBytes = settings.highWatermarkBytes
    this.maxQueuedBytes = settings.maxQueuedBytes
    this.allowHalfOpen = settings.allowHalfOpen
    this.cleanupTimeoutMs = settings.cleanupTimeoutMs
    this.reader = (settings.handler as ReadingHandler)[makeReader]?.(this) ?? null
  }

  refused(cause: RefusalCause, count: number): void {
    this.counters.refused(cause, count)
    for (const listener of this.refusedListeners) {
      this.guard(() => listener(cause, count), {
        where: 'refused',
        connection: null,
        completion: null,
      })
    }
  }

  /** Runs code of the server's owner; what it throws or rejects with goes to reportError. */
  guard(call: () => unknown, context: ErrorContext): void {
    try {
      const result = call()
      if (isThenable(result)) {
        Promise.resolve(result).then(undefined, (error) => this.reportError(error, context))
      }
    } catch (error) {
      this.reportError(error, context)
    }
  }

  /** Never throws, whatever the error and the listeners are: there is nobody left to catch it. */
  reportError(error: unknown, context: ErrorContext): void {
    if (this.errorListeners.length === 0) {
      warn(error, context)
      return
    }
    for (const listener of this.errorListeners) {
      try {
        const result = listener(error, context)
        if (isThenable(result)) {
          Promise.resolve(result).then(undefined, (failure) => warn(failure, context))
        }
      } catch (failure) {
        warn(failure, context)
      }
    }
  }

  checkSettled(): void {
    if (this.whenSettled !== null && this.counters.open === 0 && this.cleanupsPending === 0) {
      this.whenSettled()
    }
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

function warn(error: unknown, context: ErrorContext): void {
  const warning = `an error that nobody listens for (${context.where}): ${describe(error)}`
  try {
    process.emitWarning(warning, { type: 'HoldfastWarning', code: 'HOLDFAST_UNOBSERVED_ERROR' })
  } catch {
    // Someone has put another emitWarning in its place; there is no further place to tell it.
  }
}

/** inspect() runs code of the value's own, which may throw. */
function describe(error: unknown): string {
  try {
    return inspect(error)
  } catch {
    return 'a value that cannot be shown'
  }
}
