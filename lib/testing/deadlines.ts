import type { NativeDeadlines, NativeKeepalive } from '../native/reactor.js'

// The rules of addon/src/net/deadlines.h, at their exact time: without the steps of a timer wheel, and
// without the share that spreads heartbeats and lifetimes.

/** What a connection did last; times of the virtual clock. */
export interface Activity {
  openedMs: number
  readMs: number
  sentMs: number
  /** When a heartbeat was asked for, or reading went on since. */
  beatMs: number
  /** When an end was asked for. */
  endMs: number | null
  /** Since when bytes have been queued that the kernel does not take. */
  backlogMs: number | null
  established: boolean
  beatUnanswered: boolean
}

export function activityAt(nowMs: number): Activity {
  return {
    openedMs: nowMs,
    readMs: nowMs,
    sentMs: nowMs,
    beatMs: nowMs,
    endMs: null,
    backlogMs: null,
    established: false,
    beatUnanswered: false,
  }
}

export type DueKind =
  | 'idle'
  | 'backlog'
  | 'end'
  | 'handshake'
  | 'lifetime'
  | 'beat'
  | 'beat-reply'
  | 'release'
  | 'silence'

export interface Due {
  kind: DueKind
  atMs: number
}

/** The earliest of the deadlines in force. `unread`: what the peer sends is not seen. */
export function nextDeadline(
  options: NativeDeadlines,
  activity: Activity,
  unread: boolean,
): Due | null {
  const { readMs, sentMs, openedMs, beatMs, endMs, backlogMs } = activity
  let next: Due | null = null
  const consider = (kind: DueKind, sinceMs: number, allowedMs: number): void => {
    const atMs = sinceMs + allowedMs
    if (allowedMs !== 0 && (next === null || atMs < next.atMs)) {
      next = { kind, atMs }
    }
  }
  consider('idle', sentMs, options.writeIdleMs)
  if (!unread) {
    consider('idle', Math.max(readMs, sentMs), options.idleMs)
    consider('idle', readMs, options.readIdleMs)
  }
  if (backlogMs !== null) {
    consider('backlog', backlogMs, options.backlogMs)
  }
  if (endMs !== null) {
    consider('end', endMs, options.endMs)
    return next
  }
  if (!activity.established) {
    consider('handshake', openedMs, options.handshakeMs)
  }
  consider('lifetime', openedMs, options.lifetimeMs)
  if (options.beatMs !== 0 && !unread) {
    if (activity.beatUnanswered) {
      consider('beat-reply', beatMs, options.beatReplyMs)
    } else {
      consider('beat', readMs, options.beatMs)
    }
  }
  return next
}

/** When a peer that is silent is given up; null: it is not silent, or nobody asks. */
export function nextSilence(
  keepalive: NativeKeepalive | null,
  silentSinceMs: number | null,
): Due | null {
  if (keepalive === null || silentSinceMs === null) {
    return null
  }
  return { kind: 'silence', atMs: silentSinceMs + keepalive.detectionMs }
}

export function earlier(one: Due | null, other: Due | null): Due | null {
  if (one === null || other === null) {
    return one ?? other
  }
  return other.atMs < one.atMs ? other : one
}
