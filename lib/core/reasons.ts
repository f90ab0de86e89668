import { getSystemErrorName } from 'node:util'
import { DECIDED_BY, REASON_NAMES, REFUSAL_NAMES } from '../native/records.js'

/** Why a connection ended: a closed set, also fit for a metric label. */
export type DisconnectReason = Exclude<(typeof REASON_NAMES)[number], 'none'>

/** Who ended it: the peer, the network between, a rule of the server, the server's code, the system. */
export type DisconnectActor = 'peer' | 'network' | 'policy' | 'local' | 'system'

/** Why an arrival never became a connection. */
export type RefusalCause = Exclude<(typeof REFUSAL_NAMES)[number], 'none'>

export type DecidedBy = (typeof DECIDED_BY)[number]

const ACTORS: Readonly<Record<DisconnectReason, DisconnectActor>> = {
  'peer-end': 'peer',
  'peer-reset': 'peer',
  'keepalive-timeout': 'network',
  'send-timeout': 'network',
  unreachable: 'network',
  'idle-timeout': 'policy',
  'handshake-timeout': 'policy',
  'heartbeat-timeout': 'policy',
  lifetime: 'policy',
  'slow-consumer': 'policy',
  'protocol-error': 'policy',
  replaced: 'policy',
  'rate-limit': 'policy',
  'local-end': 'local',
  'local-abort': 'local',
  shutdown: 'local',
  'handler-error': 'local',
  'io-error': 'system',
}

/** Every reason a connection can end with, in the order of their codes. */
export const DISCONNECT_REASONS: readonly DisconnectReason[] = REASON_NAMES.filter(
  (name): name is DisconnectReason => name !== 'none',
)

/** Every cause an arrival can be refused for, in the order of their codes. */
export const REFUSAL_CAUSES: readonly RefusalCause[] = REFUSAL_NAMES.filter(
  (name): name is RefusalCause => name !== 'none',
)

export const REASON_PEER_END = REASON_NAMES.indexOf('peer-end')
export const REASON_SLOW_CONSUMER = REASON_NAMES.indexOf('slow-consumer')
export const REASON_PROTOCOL_ERROR = REASON_NAMES.indexOf('protocol-error')
export const REASON_REPLACED = REASON_NAMES.indexOf('replaced')
export const REASON_LOCAL_END = REASON_NAMES.indexOf('local-end')
export const REASON_LOCAL_ABORT = REASON_NAMES.indexOf('local-abort')
export const REASON_SHUTDOWN = REASON_NAMES.indexOf('shutdown')
export const REASON_HANDLER_ERROR = REASON_NAMES.indexOf('handler-error')

/** The reason of a code; a code outside the table is reported as io-error, never as a hole. */
export function reasonOf(code: number): DisconnectReason {
  const name = REASON_NAMES[code]
  return name === undefined || name === 'none' ? 'io-error' : name
}

export function actorOf(reason: DisconnectReason): DisconnectActor {
  return ACTORS[reason]
}

/** The cause of a refusal code; a code outside the table counts as blocked. */
export function refusalOf(code: number): RefusalCause {
  const name = REFUSAL_NAMES[code]
  return name === undefined || name === 'none' ? 'blocked' : name
}

export function decidedByOf(code: number): DecidedBy {
  return DECIDED_BY[code] ?? 'kernel'
}

const codeNames = new Map<number, string>()

/** 'ETIMEDOUT' for an errno of either sign; null for 0. */
export function errorCodeOf(errno: number): string | null {
  if (errno === 0) {
    return null
  }
  const negative = -Math.abs(errno)
  let name = codeNames.get(negative)
  if (name === undefined) {
    name = getSystemErrorName(negative)
    codeNames.set(negative, name)
  }
  return name
}
