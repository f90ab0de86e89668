import { EVIDENCE } from '../native/records.js'

/** What the kernel knows of one TCP connection (tcp(7), TCP_INFO). null: this system does not tell. */
export interface TcpInfo {
  /** 'established', 'close-wait', ... or the number of a state without a name here. */
  state: string | null
  /** Consecutive retransmissions not yet answered. */
  retransmits: number | null
  /** Keepalive or window probes not yet answered. */
  probes: number | null
  backoff: number | null
  /** Segments sent and not acknowledged. */
  unackedSegments: number | null
  /** Bytes in the kernel's send buffer not sent yet. */
  notSentBytes: number | null
  bytesAcked: number | null
  bytesReceived: number | null
  totalRetransmits: number | null
  rttUs: number | null
  rttVarUs: number | null
  /** Current retransmission timeout, in microseconds. */
  rtoUs: number | null
  lastDataSentMs: number | null
  lastDataReceivedMs: number | null
  /** Since any segment of the peer was accepted: the liveness clock. */
  lastAckReceivedMs: number | null
  /** Congestion window, in segments. */
  congestionWindowSegments: number | null
  /** Bytes a segment carries. */
  segmentBytes: number | null
}

// include/net/tcp_states.h; the numbers are part of the kernel's interface to user space.
const STATES = [
  null,
  'established',
  'syn-sent',
  'syn-received',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'close',
  'close-wait',
  'last-ack',
  'listen',
  'closing',
] as const

/** Reads the TCP part of the evidence that starts at float64 word `base`; null when there is none. */
export function readTcpInfo(words: Float64Array, base: number): TcpInfo | null {
  if (words[base + EVIDENCE.hasTcpInfo] !== 1) {
    return null
  }
  return {
    state: stateName(words[base + EVIDENCE.state] as number),
    retransmits: known(words[base + EVIDENCE.retransmits]),
    probes: known(words[base + EVIDENCE.probes]),
    backoff: known(words[base + EVIDENCE.backoff]),
    unackedSegments: known(words[base + EVIDENCE.unacked]),
    notSentBytes: known(words[base + EVIDENCE.notSentBytes]),
    bytesAcked: known(words[base + EVIDENCE.bytesAcked]),
    bytesReceived: known(words[base + EVIDENCE.bytesReceived]),
    totalRetransmits: known(words[base + EVIDENCE.totalRetransmits]),
    rttUs: known(words[base + EVIDENCE.rttUs]),
    rttVarUs: known(words[base + EVIDENCE.rttVarUs]),
    rtoUs: known(words[base + EVIDENCE.rtoUs]),
    lastDataSentMs: known(words[base + EVIDENCE.lastDataSentMs]),
    lastDataReceivedMs: known(words[base + EVIDENCE.lastDataReceivedMs]),
    lastAckReceivedMs: known(words[base + EVIDENCE.lastAckReceivedMs]),
    congestionWindowSegments: known(words[base + EVIDENCE.sndCwnd]),
    segmentBytes: known(words[base + EVIDENCE.sndMss]),
  }
}

/** Evidence uses -1 for "the system does not tell"; the public face uses null. */
export function known(value: number | undefined): number | null {
  return value === undefined || value < 0 ? null : whole(value)
}

/**
 * The same number. What comes out of a Float64Array is boxed when it is stored in an object, small
 * integers are not: of a completion's thirty numbers, that is half its memory.
 */
export function whole(value: number): number {
  const small = value | 0
  return small === value ? small : value
}

/** include/net/tcp_states.h; null for -1. */
export function stateName(state: number): string | null {
  return state < 0 ? null : (STATES[state] ?? String(state))
}
