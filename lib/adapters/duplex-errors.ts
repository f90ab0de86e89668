import { constants } from 'node:os'
import type { DisconnectCompletion } from '../core/completion.js'
import { HoldfastError } from '../core/errors.js'
import type { DisconnectReason } from '../core/reasons.js'

/** The error of a stream whose connection ended early; `completion` says what ended it. */
export interface DisconnectError extends Error {
  code: string
  errno?: number
  syscall?: string
  completion: DisconnectCompletion
}

// With the peer's end seen, these are an orderly end: nothing was lost either way.
const ORDERLY: readonly DisconnectReason[] = ['peer-end', 'local-end', 'shutdown', 'lifetime']
// The server's own code closed the connection beneath the stream: 'close' alone, as after destroy().
const SILENT: readonly DisconnectReason[] = ['peer-end', 'local-end', 'local-abort']

export function isOrderly(completion: DisconnectCompletion, peerEnded: boolean): boolean {
  return peerEnded && ORDERLY.includes(completion.reason)
}

/** What node:net would say of an end that was not orderly; null where it says nothing. */
export function disconnectError(completion: DisconnectCompletion): DisconnectError | null {
  const { actor, reason } = completion
  if (SILENT.includes(reason)) {
    return null
  }
  const error =
    actor === 'peer' || actor === 'network' || actor === 'system'
      ? systemError(completion.code ?? codeOf(reason))
      : new HoldfastError(
          'ERR_HOLDFAST_DISCONNECTED',
          `the connection was ended: ${reason}`,
          'error' in completion ? { cause: completion.error } : undefined,
        )
  return Object.assign(error, { completion }) as DisconnectError
}

/** A write to a connection whose sending side somebody else has ended. */
export function brokenPipe(): Error {
  return systemError('EPIPE')
}

/** As Node refuses a write behind the peer's FIN where half-open is not allowed. */
export function endedByOther(): Error {
  const error = new Error('This socket has been ended by the other party')
  return Object.assign(error, { code: 'EPIPE' })
}

export function alreadyConnected(): Error {
  return systemError('EISCONN', 'connect')
}

// Where the completion has none: decided by the liveness clock, or a reset found by other means.
function codeOf(reason: DisconnectReason): string {
  if (reason === 'peer-reset') {
    return 'ECONNRESET'
  }
  return reason === 'io-error' ? 'EIO' : 'ETIMEDOUT'
}

function systemError(code: string, syscall = code === 'EPIPE' ? 'write' : 'read'): Error {
  const errno = (constants.errno as Readonly<Record<string, number>>)[code]
  const error = new Error(`${syscall} ${code}`)
  return Object.assign(error, errno === undefined ? {} : { errno: -errno }, { code, syscall })
}
