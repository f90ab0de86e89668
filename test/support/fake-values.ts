import type {
  NativeEffectiveKeepalive,
  NativeInspection,
  NativeKeepalive,
} from '../../lib/native/reactor.js'
import {
  ADDRESS_BYTES,
  EVIDENCE,
  EVIDENCE_FIELDS,
  SOCKET,
  SOCKET_EVIDENCE,
  SOCKET_ROW_WORDS,
} from '../../lib/native/records.js'
import type { FakePeer } from './fake-peer.js'

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

/** In the order of EVIDENCE_FIELDS; everything else is unknown. */
export function evidenceOf(peer: FakePeer): Float64Array {
  const words = new Float64Array(EVIDENCE_FIELDS.length).fill(-1)
  words[EVIDENCE.bytesRead] = peer.bytesSent
  words[EVIDENCE.bytesWritten] = peer.bytesReceived
  words[EVIDENCE.bytesUnsent] = peer.queue.reduce((sum, bytes) => sum + bytes.length, 0)
  words[EVIDENCE.durationMs] = 1234
  words[EVIDENCE.detectedMs] = 7
  words[EVIDENCE.remotePort] = peer.port
  words[EVIDENCE.family] = 4
  words[EVIDENCE.hasTcpInfo] = 0
  words[EVIDENCE.bytesUnread] = peer.unread.reduce((sum, bytes) => sum + bytes.length, 0)
  return words
}

/** As `closed` carries it: the evidence, then the address. */
export function closedPayloadOf(peer: FakePeer): Uint8Array {
  const payload = new Uint8Array(EVIDENCE_FIELDS.length * 8 + ADDRESS_BYTES)
  new Float64Array(payload.buffer, 0, EVIDENCE_FIELDS.length).set(evidenceOf(peer))
  payload.set(peer.address.split('.').map(Number), EVIDENCE_FIELDS.length * 8)
  return payload
}

/** Every peer whose connection is open, with 5 s left of its keepalive timer. */
export function rowsOf(peers: readonly (FakePeer | null)[]): NativeInspection {
  const open = peers.filter((peer) => peer !== null && !peer.closed) as FakePeer[]
  const words = new Float64Array(open.length * SOCKET_ROW_WORDS).fill(-1)
  open.forEach((peer, row) => {
    const base = row * SOCKET_ROW_WORDS
    words[base + SOCKET.slot] = peer.slot
    words[base + SOCKET.generation] = peer.generation
    words[base + SOCKET.timer] = 2
    words[base + SOCKET.timerExpiresMs] = 5_000
    words[base + SOCKET.timerUnanswered] = 0
    words.set(evidenceOf(peer), base + SOCKET_EVIDENCE)
  })
  return { rows: words.buffer, count: open.length }
}
