import {
  EVIDENCE,
  EVIDENCE_FIELDS,
  SOCKET,
  SOCKET_EVIDENCE,
  SOCKET_ROW_WORDS,
  SOCKET_TIMERS,
} from '../native/records.js'
import { formatIPv4, formatIPv6 } from './address.js'
import { known, readTcpInfo, stateName, type TcpInfo } from './tcp-info.js'

/**
 * The timer that runs on a socket (linux/inet_diag.h, idiag_timer). The kernel names one: while a
 * retransmission or a window probe is due, the keepalive timer behind it cannot be seen.
 */
export interface SocketTimer {
  kind: (typeof SOCKET_TIMERS)[number]
  /** Until it expires. 0 when none runs. */
  expiresMs: number
  /** Retransmissions or probes sent so far without an answer. */
  unanswered: number
}

/** One TCP socket of this machine, whichever process holds it. */
export interface PortSocket {
  localAddress: string
  localPort: number
  remoteAddress: string
  remotePort: number
  /** 'established', 'close-wait', ... as in TcpInfo. */
  state: string | null
  timer: SocketTimer
  /** Since the last segment heard of the peer; null where unknown. */
  silentMs: number | null
  /** Arrived and not read by its process. */
  receiveQueueBytes: number
  /** Sent or to be sent, and not acknowledged. */
  sendQueueBytes: number
  uid: number
  /** 0: no process holds it any more. */
  inode: number
  tcp: TcpInfo | null
}

/** The timer of the row that starts at float64 word `base`; null where the system did not tell. */
export function readTimer(words: Float64Array, base: number): SocketTimer | null {
  const kind = SOCKET_TIMERS[words[base + SOCKET.timer] as number]
  if (kind === undefined) {
    return null
  }
  return {
    kind,
    expiresMs: words[base + SOCKET.timerExpiresMs] as number,
    unanswered: words[base + SOCKET.timerUnanswered] as number,
  }
}

/** The sockets of readPortSockets(). */
export function readPortRows(rows: ArrayBuffer): PortSocket[] {
  const words = new Float64Array(rows)
  const bytes = new Uint8Array(rows)
  const found: PortSocket[] = []
  for (let base = 0; base < words.length; base += SOCKET_ROW_WORDS) {
    const evidence = base + SOCKET_EVIDENCE
    const field = (name: keyof typeof SOCKET): number => words[base + SOCKET[name]] as number
    const addresses = (evidence + EVIDENCE_FIELDS.length) * 8
    const format = words[evidence + EVIDENCE.family] === 4 ? formatIPv4 : formatIPv6
    found.push({
      localAddress: format(bytes, addresses + 16),
      localPort: field('localPort'),
      remoteAddress: format(bytes, addresses),
      remotePort: words[evidence + EVIDENCE.remotePort] as number,
      state: stateName(field('state')),
      timer: readTimer(words, base) ?? { kind: 'none', expiresMs: 0, unanswered: 0 },
      silentMs: known(words[evidence + EVIDENCE.detectedMs]),
      receiveQueueBytes: field('receiveQueueBytes'),
      sendQueueBytes: field('sendQueueBytes'),
      uid: field('uid'),
      inode: field('inode'),
      tcp: readTcpInfo(words, evidence),
    })
  }
  return found
}
