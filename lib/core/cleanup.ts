import { performance } from 'node:perf_hooks'
import { awaitWithin } from './await-within.js'
import type { DisconnectCompletion, FailurePlace } from './completion.js'
import type { ConnectionExtra } from './connection-extra.js'
import type { CleanupHook, Connection } from './contract.js'
import { hooksLate } from './errors.js'
import { FINISHED, HOOKS_RUN } from './flags.js'
import { isThenable, type ServerState } from './server-state.js'

/** The part of a connection that its cleanup works with. */
export interface CleanupSubject extends Connection {
  readonly home: ServerState
  flags: number
  hooks: CleanupHook | CleanupHook[] | null
  extra: ConnectionExtra | null
}

type Stage = 'close' | 'connection' | 'server' | 'over'

/**
 * Runs what follows the end of one connection, each step after the one before has settled or is
 * late: handler.close, the connection's hooks (last in first out), the server's hooks, the
 * onDisconnect listeners, and last the promise `closed`. As long as no step returns a promise, all of
 * it happens within the constructor's caller, without a promise or a timer.
 */
class CleanupRun {
  readonly #subject: CleanupSubject
  readonly #completion: DisconnectCompletion
  readonly #serverHooks: readonly CleanupHook[]
  readonly #startedAt: number
  #stage: Stage = 'close'
  #serverHooksLeft: number

  constructor(subject: CleanupSubject, completion: DisconnectCompletion) {
    this.#subject = subject
    this.#completion = completion
    this.#serverHooks = subject.home.cleanupHooks
    this.#serverHooksLeft = this.#serverHooks.length
    this.#startedAt = performance.now()
  }

  advance(): void {
    while (this.#stage !== 'over') {
      const where: FailurePlace = this.#stage
      let result: unknown
      try {
        result = this.#step()
        if (isThenable(result)) {
          this.#wait(result, where)
          return
        }
      } catch (error) {
        this.#completion.hooks.failures.push({ error, where })
      }
    }
    const elapsedUs = Math.round((performance.now() - this.#startedAt) * 1000)
    this.#completion.hooks.durationMs = elapsedUs / 1000
    finish(this.#subject, this.#completion)
  }

  /** Runs the next hook of the current stage, or moves to the next stage when there is none. */
  #step(): unknown {
    const subject = this.#subject
    if (this.#stage === 'close') {
      this.#stage = 'connection'
      return subject.home.handler.close?.(subject, this.#completion)
    }
    if (this.#stage === 'connection') {
      // Popped before it runs, so that it runs once whatever it does, hooks it registers included.
      const hook = popHook(subject)
      if (hook === null) {
        subject.flags |= HOOKS_RUN
        this.#stage = 'server'
        return undefined
      }
      this.#completion.hooks.run++
      return hook(this.#completion, subject)
    }
    if (this.#serverHooksLeft === 0) {
      this.#stage = 'over'
      return undefined
    }
    const hook = this.#serverHooks[--this.#serverHooksLeft] as CleanupHook
    this.#completion.hooks.run++
    return hook(this.#completion, subject)
  }

  #wait(result: PromiseLike<unknown>, where: FailurePlace): void {
    const { home } = this.#subject
    const completion = this.#completion
    awaitWithin(home.cleanupTimeoutMs, result, {
      settled: () => this.advance(),
      failed: (error) => {
        completion.hooks.failures.push({ error, where })
        this.advance()
      },
      late: () => {
        completion.hooks.late++
        this.advance()
      },
      failedLate: (error) =>
        home.reportError(error, { where, connection: this.#subject, completion }),
    })
  }
}

/** The last steps: the listeners, onError, the promise, and the count that server.close() waits for. */
function finish(subject: CleanupSubject, completion: DisconnectCompletion): void {
  const { home } = subject
  try {
    for (const listener of home.disconnectListeners) {
      home.guard(() => listener(completion, subject), {
        where: 'disconnect',
        connection: subject,
        completion,
      })
    }
    reportUnseen(subject, completion)
  } finally {
    subject.flags |= FINISHED
    home.identities?.forget(subject)
    subject.extra?.resolveClosed?.(completion)
    home.cleanupsPending--
    home.checkSettled()
  }
}

/**
 * What went wrong stands in the completion. Where nobody gets the finished one, by onDisconnect or by
 * the promise `closed`, onError gets it too: nothing is swallowed.
 */
function reportUnseen(subject: CleanupSubject, completion: DisconnectCompletion): void {
  const { home, extra } = subject
  if (home.disconnectListeners.length > 0 || extra?.closed != null) {
    return
  }
  if (completion.reason === 'handler-error') {
    home.reportError(completion.error, { where: 'handler', connection: subject, completion })
  }
  for (const { error, where } of completion.hooks.failures) {
    home.reportError(error, { where, connection: subject, completion })
  }
  const { late } = completion.hooks
  if (late > 0) {
    const error = hooksLate(late, home.cleanupTimeoutMs)
    home.reportError(error, { where: 'connection', connection: subject, completion })
  }
}

/** Starts the cleanup of a connection whose completion is there. Never throws. */
export function runCleanup(subject: CleanupSubject, completion: DisconnectCompletion): void {
  const nothingToRun = isEmpty(subject)
  subject.home.cleanupsPending++
  if (nothingToRun) {
    subject.flags |= HOOKS_RUN
    finish(subject, completion)
  } else {
    new CleanupRun(subject, completion).advance()
  }
}

/** Not a read of handler.close: a getter of the owner's may throw. */
function isEmpty({ home, hooks }: CleanupSubject): boolean {
  return hooks === null && home.cleanupHooks.length === 0 && !('close' in home.handler)
}

/**
 * Runs a hook that was registered after the connection's own hooks had run: at once, once, under the
 * same deadline. Its failure joins the completion's; once that has been handed to the onDisconnect
 * listeners, it goes to onError as well, and so does its being late.
 */
export function runHookNow(
  subject: CleanupSubject,
  completion: DisconnectCompletion,
  hook: CleanupHook,
): void {
  const { home } = subject
  const failed = (error: unknown): void => {
    completion.hooks.failures.push({ error, where: 'connection' })
    if ((subject.flags & FINISHED) !== 0) {
      home.reportError(error, { where: 'connection', connection: subject, completion })
    }
  }
  completion.hooks.run++
  try {
    const result = hook(completion, subject)
    if (!isThenable(result)) {
      return
    }
    home.cleanupsPending++
    const done = (): void => {
      home.cleanupsPending--
      home.checkSettled()
    }
    awaitWithin(home.cleanupTimeoutMs, result, {
      settled: done,
      failed: (error) => {
        failed(error)
        done()
      },
      late: () => {
        completion.hooks.late++
        if ((subject.flags & FINISHED) !== 0) {
          const error = hooksLate(1, home.cleanupTimeoutMs)
          home.reportError(error, { where: 'connection', connection: subject, completion })
        }
        done()
      },
      failedLate: (error) =>
        home.reportError(error, { where: 'connection', connection: subject, completion }),
    })
  } catch (error) {
    failed(error)
  }
}

function popHook(subject: CleanupSubject): CleanupHook | null {
  const { hooks } = subject
  if (hooks === null) {
    return null
  }
  if (typeof hooks === 'function') {
    subject.hooks = null
    return hooks
  }
  return hooks.pop() ?? null
}
