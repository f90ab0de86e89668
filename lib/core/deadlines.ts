import { optionRange } from './errors.js'
import { checkOptionNames, integerOption, objectOption } from './validate.js'

/**
 * How long a connection may be idle, unready, ending, or open at all, in ms; what is left out has no
 * limit. Judged every 50 ms, after everything that had come by then was received; a deadline is never
 * early, and late by one such step unless the event loop was busy.
 */
export interface DeadlineOptions {
  /** Nothing received and nothing sent: idle-timeout. Not judged while the connection is paused or throttled. */
  idleMs?: number
  /** Nothing received: idle-timeout. Not judged while the connection is paused or throttled. */
  readIdleMs?: number
  /** Nothing taken by the kernel: idle-timeout. */
  writeIdleMs?: number
  /** From the accept until `connection.ready()`: handshake-timeout. */
  handshakeMs?: number
  /**
   * From the accept; then the connection ends as by `end()`, with lifetime. It is there for at most
   * this and `endMs`.
   */
  lifetimeMs?: number
  /** Each connection's lifetime is shorter by a share of this, so that a generation does not end at once. */
  lifetimeJitterMs?: number
  /**
   * From `end()`, or the end of its lifetime, until both sides have ended; then it is closed, with the
   * reason it was ended for. Default: 10,000 where `lifetimeMs` is given, for a client that does not
   * answer would make it no bound.
   */
  endMs?: number
  /**
   * Bytes have been waiting for the client to read, without a moment in which none were:
   * slow-consumer. Beside it stands `maxQueuedBytes`, the limit of their number.
   */
  backlogMs?: number
}

/**
 * An application heartbeat, for paths where keepalive probes do not reach the client (proxies that
 * end TCP themselves). A connection that has sent nothing for the interval gets a call of
 * `handler.heartbeat`, which writes a ping; it must then send something, whatever it is, within the
 * reply time, or it ends with heartbeat-timeout. Each comes up to an eighth of the interval early, so
 * that connections that fell silent together do not beat together.
 */
export interface HeartbeatOptions {
  intervalMs: number
  /** At most the interval. */
  replyMs: number
}

export type ResolvedDeadlines = Required<DeadlineOptions> & {
  beatMs: number
  beatReplyMs: number
}

/** 20 days: native tells ages apart up to 49.7 days, more than twice as long. */
export const DEADLINE_MS_MAX = 20 * 86_400_000
/** What a client has to answer our FIN where a lifetime is given: as long as close() waits. */
export const END_MS_DEFAULT = 10_000
/** One step of the wheel. */
export const DEADLINE_MS_MIN = 50

const DEADLINE_NAMES = [
  'idleMs',
  'readIdleMs',
  'writeIdleMs',
  'handshakeMs',
  'lifetimeMs',
  'lifetimeJitterMs',
  'endMs',
  'backlogMs',
] as const

/**
 * Checks both; what is left out becomes 0, but for the end of a lifetime.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, its value and what is allowed
 */
export function resolveDeadlines(deadlines: unknown, heartbeat: unknown): ResolvedDeadlines {
  const given = objectOption('deadlines', deadlines === undefined ? {} : deadlines)
  checkOptionNames('deadlines', given, DEADLINE_NAMES)
  const ms = (name: (typeof DEADLINE_NAMES)[number], otherwise = 0): number =>
    given[name] === undefined
      ? otherwise
      : integerOption(`deadlines.${name}`, given[name], DEADLINE_MS_MIN, DEADLINE_MS_MAX, 'ms')
  const resolved = {
    idleMs: ms('idleMs'),
    readIdleMs: ms('readIdleMs'),
    writeIdleMs: ms('writeIdleMs'),
    handshakeMs: ms('handshakeMs'),
    lifetimeMs: ms('lifetimeMs'),
    lifetimeJitterMs: ms('lifetimeJitterMs'),
    endMs: ms('endMs', given.lifetimeMs === undefined ? 0 : END_MS_DEFAULT),
    backlogMs: ms('backlogMs'),
  }
  const { lifetimeMs, lifetimeJitterMs } = resolved
  if (lifetimeJitterMs >= lifetimeMs && lifetimeJitterMs > 0) {
    const allowed =
      lifetimeMs === 0
        ? 'left out without deadlines.lifetimeMs'
        : `less than deadlines.lifetimeMs (${lifetimeMs})`
    throw optionRange('deadlines.lifetimeJitterMs', lifetimeJitterMs, allowed)
  }
  return { ...resolved, ...resolveHeartbeat(heartbeat) }
}

function resolveHeartbeat(input: unknown): { beatMs: number; beatReplyMs: number } {
  if (input === undefined) {
    return { beatMs: 0, beatReplyMs: 0 }
  }
  const given = objectOption('heartbeat', input)
  checkOptionNames('heartbeat', given, ['intervalMs', 'replyMs'])
  const ms = (name: 'intervalMs' | 'replyMs'): number =>
    integerOption(`heartbeat.${name}`, given[name], DEADLINE_MS_MIN, DEADLINE_MS_MAX, 'ms')
  const beatMs = ms('intervalMs')
  const beatReplyMs = ms('replyMs')
  if (beatReplyMs > beatMs) {
    const allowed = `at most heartbeat.intervalMs (${beatMs})`
    throw optionRange('heartbeat.replyMs', beatReplyMs, allowed)
  }
  return { beatMs, beatReplyMs }
}
