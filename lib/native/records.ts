/**
 * The record layout shared with addon/src/queues/record.h. The addon exports its own numbers and
 * layout-check.ts compares the two at load, so a change on one side alone never runs.
 */
export const RECORD_WORDS = 8

// Completions: word 0 is the kind.
export const KIND_OPEN = 1 // [kind, slot, generation, listener, arrived, payload offset, payload bytes]
export const KIND_DATA = 2 // [kind, slot, generation, offset, length]
export const KIND_END = 3 // [kind, slot, generation]
export const KIND_DRAIN = 4 // [kind, slot, generation]
export const KIND_CLOSED = 5 // [kind, slot, generation, reason, errno, payload offset, payload bytes, decided by]
export const KIND_REFUSED = 6 // [kind, listener, cause, count, errno, arrived]
export const KIND_BEAT = 7 // [kind, slot, generation]
export const KIND_DRAINED = 8 // [kind, listener, arrived]: nothing of this listener follows
export const KIND_ENDING = 9 // [kind, slot, generation, reason]: to be ended for it, by OP_END
// `arrived`: counted where connections are accepted, cut to 32 bits; without those whose refusal is
// not told yet, and those whose PROXY header is awaited.

// Submissions: word 0 is the operation.
export const OP_WRITE = 1 // [op, slot, generation, offset, length]
export const OP_END = 2 // [op, slot, generation, reason]
export const OP_DESTROY = 3 // [op, slot, generation, reason, manner]
export const OP_PAUSE = 4 // [op, slot, generation]
export const OP_RESUME = 5 // [op, slot, generation]
export const OP_READY = 6 // [op, slot, generation]
export const OP_PINGED = 7 // [op, slot, generation]

// How OP_DESTROY destroys.
export const DESTROY_PLAINLY = 0
export const DESTROY_BY_RESET = 1
export const DESTROY_KEEPING_REASON = 2 // that of an end under way, if there is one

export const COMPLETION_KINDS = [
  'none',
  'open',
  'data',
  'end',
  'drain',
  'closed',
  'refused',
  'beat',
  'drained',
  'ending',
] as const
export const SUBMISSION_OPS = [
  'none',
  'write',
  'end',
  'destroy',
  'pause',
  'resume',
  'ready',
  'pinged',
] as const

// What became of a connection that a broadcast was for: stands where its generation stood.
export const BROADCAST_TAKEN = 0
export const BROADCAST_GONE = 1
export const BROADCAST_ENDED = 2 // as slow-consumer, for what the queues of the server hold together
export const BROADCAST_OUTCOMES = ['taken', 'gone', 'ended'] as const

// Words of the control buffer.
export const CONTROL_SUBMISSIONS = 0
export const CONTROL_SLAB_USED = 1

/** Who found the connection dead: word 7 of a closed record. */
export const DECIDED_BY = ['kernel', 'liveness-clock'] as const

/** Reason codes: the index is the code. The order is part of the layout. */
export const REASON_NAMES = [
  'none',
  'peer-end',
  'peer-reset',
  'keepalive-timeout',
  'send-timeout',
  'unreachable',
  'idle-timeout',
  'handshake-timeout',
  'heartbeat-timeout',
  'lifetime',
  'slow-consumer',
  'protocol-error',
  'replaced',
  'rate-limit',
  'local-end',
  'local-abort',
  'shutdown',
  'handler-error',
  'io-error',
] as const

/** Refusal causes: the index is the code. */
export const REFUSAL_NAMES = [
  'none',
  'max-connections',
  'per-address',
  'rate',
  'emfile',
  'memory',
  'blocked',
  'proxy-header',
] as const

/** The float64 fields of an evidence payload, in order; -1 where the system does not know. */
export const EVIDENCE_FIELDS = [
  'bytesRead',
  'bytesWritten',
  'bytesUnsent',
  'durationMs',
  'detectedMs',
  'remotePort',
  'family',
  'hasTcpInfo',
  'state',
  'retransmits',
  'probes',
  'backoff',
  'unacked',
  'notSentBytes',
  'bytesAcked',
  'bytesReceived',
  'totalRetransmits',
  'rttUs',
  'rttVarUs',
  'rtoUs',
  'lastDataSentMs',
  'lastDataReceivedMs',
  'lastAckReceivedMs',
  'sndCwnd',
  'sndMss',
  'bytesUnread',
] as const

export type EvidenceField = (typeof EVIDENCE_FIELDS)[number]

/** Index of each evidence field within the payload, counted in float64 words. */
export const EVIDENCE = Object.freeze(
  Object.fromEntries(EVIDENCE_FIELDS.map((name, index) => [name, index])),
) as Readonly<Record<EvidenceField, number>>

/** Bytes of the peer's address that follow the evidence in a closed record's payload. */
export const ADDRESS_BYTES = 16

/**
 * The payload of an open record, there for a client behind a proxy: the proxy's address, its port in
 * two bytes, high one first, its family in one; at this offset the PROXY header.
 */
export const OPEN_PEER_BYTES = 24

/** The float64 fields of a socket that was inspected, in order; its evidence and two addresses follow. */
export const SOCKET_FIELDS = [
  'slot',
  'generation',
  'localPort',
  'state',
  'timer',
  'timerExpiresMs',
  'timerUnanswered',
  'receiveQueueBytes',
  'sendQueueBytes',
  'uid',
  'inode',
] as const

export type SocketField = (typeof SOCKET_FIELDS)[number]

export const SOCKET = Object.freeze(
  Object.fromEntries(SOCKET_FIELDS.map((name, index) => [name, index])),
) as Readonly<Record<SocketField, number>>

/** Where the evidence of a row begins, in words; behind it stand the remote and the local address. */
export const SOCKET_EVIDENCE = SOCKET_FIELDS.length

export const SOCKET_ROW_WORDS = SOCKET_EVIDENCE + EVIDENCE_FIELDS.length + (2 * ADDRESS_BYTES) / 8

/** Timers of a socket: the index is idiag_timer of linux/inet_diag.h. */
export const SOCKET_TIMERS = [
  'none',
  'retransmit',
  'keepalive',
  'time-wait',
  'window-probe',
] as const

/** Slots stay below this, so that `generation * ID_SLOTS + slot` is exact in a double. */
export const ID_SLOTS = 2 ** 24
