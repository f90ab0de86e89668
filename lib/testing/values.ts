import type {
  NativeEffectiveKeepalive,
  NativeInspection,
  NativeKeepalive,
} from '../native/reactor.js'
import {
  ADDRESS_BYTES,
  EVIDENCE,
  EVIDENCE_FIELDS,
  SOCKET,
  SOCKET_EVIDENCE,
  SOCKET_ROW_WORDS,
} from '../native/records.js'
import type { MemoryPeer } from './peer.js'

/** What a kernel that takes every value would report. */
export function asReadBack(keepalive: NativeKeepalive | null): NativeEffectiveKeepalive {
  return {
    enabled: keepalive !== null,
    idleMs: keepalive?.idleMs ?? 7_200_000,
    intervalMs: keepalive?.intervalMs ?? 75_000,
    count: keepalive?.count ?? 9,
    userTimeoutMs: keepalive?.userTimeoutMs ?? 0,
    rtoMaxMs: keepalive?.rtoMaxMs ?? 0,
    unsupported: [],
    source: 'inherited',
    verified: null,
  }
}

/** In the order of EVIDENCE_FIELDS; there is no kernel, so its TCP_INFO is unknown. */
export function evidenceOf(peer: MemoryPeer, nowMs: number): Float64Array {
  const words = new Float64Array(EVIDENCE_FIELDS.length).fill(-1)
  words[EVIDENCE.bytesRead] = peer.bytesSent
  words[EVIDENCE.bytesWritten] = peer.bytesReceived
  words[EVIDENCE.bytesUnsent] = peer.queuedBytes
  words[EVIDENCE.durationMs] = nowMs - peer.activity.openedMs
  words[EVIDENCE.detectedMs] = nowMs - (peer.silentSinceMs ?? nowMs)
  words[EVIDENCE.remotePort] = peer.port
  words[EVIDENCE.family] = familyOf(peer)
  words[EVIDENCE.hasTcpInfo] = 0
  words[EVIDENCE.bytesUnread] = peer.unreadBytes
  return words
}

export function familyOf({ address }: MemoryPeer): 4 | 6 {
  return address.bytes.length === 4 ? 4 : 6
}

/** As `closed` carries it: the evidence, then the address. */
export function closedPayloadOf(peer: MemoryPeer, nowMs: number): Uint8Array {
  const payload = new Uint8Array(EVIDENCE_FIELDS.length * 8 + ADDRESS_BYTES)
  new Float64Array(payload.buffer, 0, EVIDENCE_FIELDS.length).set(evidenceOf(peer, nowMs))
  payload.set(peer.address.bytes, EVIDENCE_FIELDS.length * 8)
  return payload
}

/** Every peer whose connection is open, with 5 s left of its keepalive timer. */
export function rowsOf(peers: readonly (MemoryPeer | null)[], nowMs: number): NativeInspection {
  const open = peers.filter((peer) => peer !== null && !peer.closed) as MemoryPeer[]
  const words = new Float64Array(open.length * SOCKET_ROW_WORDS).fill(-1)
  open.forEach((peer, row) => {
    const base = row * SOCKET_ROW_WORDS
    words[base + SOCKET.slot] = peer.slot
    words[base + SOCKET.generation] = peer.generation
    words[base + SOCKET.timer] = 2
    words[base + SOCKET.timerExpiresMs] = 5_000
    words[base + SOCKET.timerUnanswered] = 0
    words.set(evidenceOf(peer, nowMs), base + SOCKET_EVIDENCE)
  })
  return { rows: words.buffer, count: open.length }
}
