import { EVIDENCE, EVIDENCE_FIELDS } from '../native/records.js'
import { formatIPv4, formatIPv6 } from './address.js'
import {
  actorOf,
  type DecidedBy,
  type DisconnectActor,
  type DisconnectReason,
  decidedByOf,
  errorCodeOf,
  reasonOf,
} from './reasons.js'
import { known, readTcpInfo, type TcpInfo, whole } from './tcp-info.js'

/** Where code of the server's owner failed. */
export type FailurePlace = 'close' | 'connection' | 'server'

/** What became of the cleanup hooks of one connection. Complete when onDisconnect listeners see it. */
export interface HooksReport {
  /** Hooks started; each one exactly once. */
  run: number
  /** What hooks (and handler.close) threw or rejected with, in the order it happened. */
  failures: { error: unknown; where: FailurePlace }[]
  /** Async hooks that had not settled at their deadline. */
  late: number
  /** From the first hook to the end of the last. */
  durationMs: number
}

/** The evidence gathered just before the socket was closed. */
export interface DisconnectEvidence {
  /** What found the connection dead: an error of the kernel, or the reactor's liveness clock. */
  decidedBy: DecidedBy
  /** Handed to write() and never taken by the kernel. */
  bytesUnsent: number
  /** Received by the kernel and never read; null where unknown. */
  bytesUnread: number | null
  tcp: TcpInfo | null
}

/** The one record that ends a connection. */
export interface DisconnectCompletion {
  id: number
  reason: DisconnectReason
  actor: DisconnectActor
  /** The system's code, 'ETIMEDOUT'; null when no error was involved. */
  code: string | null
  /** The system's number, negative as on Node's errors; 0 when no error was involved. */
  errno: number
  /**
   * From the last segment heard of the peer to this report, in ms; null where unknown, and after a
   * reset: the kernel's clock does not count it.
   */
  detectedMs: number | null
  bytesRead: number
  /** Taken by the kernel. */
  bytesWritten: number
  durationMs: number
  /** null where the system did not tell. */
  remoteAddress: string | null
  remotePort: number | null
  evidence: DisconnectEvidence
  /** What ended the connection, with handler-error: what was thrown; with protocol-error: a ProtocolError. */
  error?: unknown
  hooks: HooksReport
}

const EVIDENCE_BYTES = EVIDENCE_FIELDS.length * 8

/**
 * Builds the completion from a closed record and its payload. Called once per connection, while the
 * slab is valid; keeps no reference to it.
 */
export function buildCompletion(
  id: number,
  reasonCode: number,
  errno: number,
  payloadOffset: number,
  decidedBy: number,
  words: Float64Array,
  bytes: Uint8Array,
): DisconnectCompletion {
  const base = payloadOffset / 8
  const reason = reasonOf(reasonCode)
  const remoteAddress = readAddress(words[base + EVIDENCE.family], bytes, payloadOffset)
  return {
    id,
    reason,
    actor: actorOf(reason),
    code: errorCodeOf(errno),
    errno: -Math.abs(errno) || 0,
    detectedMs: known(words[base + EVIDENCE.detectedMs]),
    bytesRead: whole(words[base + EVIDENCE.bytesRead] as number),
    bytesWritten: whole(words[base + EVIDENCE.bytesWritten] as number),
    durationMs: whole(words[base + EVIDENCE.durationMs] as number),
    remoteAddress,
    remotePort: remoteAddress === null ? null : whole(words[base + EVIDENCE.remotePort] as number),
    evidence: {
      decidedBy: decidedByOf(decidedBy),
      bytesUnsent: whole(words[base + EVIDENCE.bytesUnsent] as number),
      bytesUnread: known(words[base + EVIDENCE.bytesUnread]),
      tcp: readTcpInfo(words, base),
    },
    hooks: { run: 0, failures: [], late: 0, durationMs: 0 },
  }
}

function readAddress(
  family: number | undefined,
  bytes: Uint8Array,
  payloadOffset: number,
): string | null {
  const at = payloadOffset + EVIDENCE_BYTES
  if (family === 4) {
    return formatIPv4(bytes, at)
  }
  return family === 6 ? formatIPv6(bytes, at) : null
}
