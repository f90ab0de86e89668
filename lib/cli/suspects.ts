import type { PortSocket } from '../core/socket-row.js'

/**
 * Whether keepalive runs on a socket, as far as its timer tells (sock_diag(7) does not tell
 * SO_KEEPALIVE itself). 'hidden': the kernel names one timer, and another one is due first.
 * 'closing': its process has closed it, and what runs is the end of TCP.
 */
export type KeepaliveSeen = 'armed' | 'not armed' | 'hidden' | 'closing'

// An inode of 0 also stands for a connection that nobody has accepted yet; these states do not.
const STATES_AFTER_CLOSE = ['fin-wait-1', 'fin-wait-2', 'last-ack', 'closing', 'time-wait']

export function keepaliveSeen(socket: PortSocket): KeepaliveSeen {
  if (socket.inode === 0 && STATES_AFTER_CLOSE.includes(socket.state ?? '')) {
    return 'closing'
  }
  switch (socket.timer.kind) {
    case 'keepalive':
      return 'armed'
    case 'none':
      return 'not armed'
    case 'time-wait':
      return 'closing'
    default:
      return 'hidden'
  }
}

// A live peer answers at most one segment outside its window in 500 ms (ip-sysctl,
// tcp_invalid_ratelimit), and the first window probes are closer than that: one may stay unanswered.
const WINDOW_PROBES_SUSPECT = 2

/**
 * Why its peer may be gone, one phrase each; empty when nothing speaks for it. A live peer can be
 * among them: a probe that has just left has no answer yet, and silence alone proves nothing.
 */
export function suspicions(socket: PortSocket, suspectAfterMs: number): string[] {
  const { tcp, timer, silentMs } = socket
  if (tcp === null) {
    return []
  }
  const reasons: string[] = []
  const probes = tcp.probes ?? 0
  const retransmits = tcp.retransmits ?? 0
  if (timer.kind === 'window-probe') {
    if (probes >= WINDOW_PROBES_SUSPECT) {
      reasons.push(`window closed and ${amount(probes, 'window probe')} unanswered`)
    }
  } else if (probes > 0) {
    reasons.push(`${amount(probes, 'keepalive probe')} unanswered`)
  }
  if (retransmits > 0) {
    reasons.push(`retransmitted ${amount(retransmits, 'time')} without an answer`)
  }
  if (silentMs !== null && silentMs > suspectAfterMs) {
    const silent = `silent for ${seconds(silentMs)}`
    const unprobed = keepaliveSeen(socket) === 'not armed'
    reasons.push(unprobed ? `no keepalive armed and ${silent}` : silent)
  }
  return reasons
}

/** To a tenth of a second. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** 1 probe, 2 probes. */
export function amount(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
