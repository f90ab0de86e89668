import type { ConnectionExtra } from './connection-extra.js'
import { type EffectiveKeepalive, effectiveKeepalive } from './effective-keepalive.js'
import { connectionClosed } from './errors.js'
import { GONE } from './flags.js'
import { type KeepaliveInput, KeepalivePolicy } from './keepalive-policy.js'
import { HAS_LIVENESS_CLOCK } from './platform.js'
import type { ServerState } from './server-state.js'

/** The part of a connection that its keepalive policy works with. */
export interface KeepaliveSubject {
  readonly home: ServerState
  readonly slot: number
  readonly generation: number
  readonly flags: number
  readonly extra: ConnectionExtra | null
  needExtra(): ConnectionExtra
}

/**
 * The policy of one connection, read back from the kernel; set first when `input` is given. A bad
 * policy is refused before anything is set.
 * @throws HoldfastError ERR_HOLDFAST_CLOSED once the connection has ended; HoldfastTypeError,
 *   HoldfastRangeError for a bad policy, or one that asks too late for the listener's path
 */
export function connectionKeepalive(
  subject: KeepaliveSubject,
  input: KeepaliveInput | undefined,
): EffectiveKeepalive {
  const { home, slot, generation } = subject
  const policy = input === undefined ? null : policyOn(home.policy.pathTimeoutMs, input)
  if ((subject.flags & GONE) !== 0) {
    throw connectionClosed('keepalive')
  }
  const effective =
    policy === null
      ? home.native.getKeepalive(slot, generation)
      : home.native.setKeepalive(
          slot,
          generation,
          policy.toNative({ livenessClock: HAS_LIVENESS_CLOCK }),
        )
  if (effective === undefined) {
    throw connectionClosed('keepalive')
  }
  if (policy !== null) {
    subject.needExtra().policy = policy
  }
  const own = subject.extra?.policy ?? null
  return own === null
    ? effectiveKeepalive(home.policy, effective)
    : effectiveKeepalive(own, { ...effective, source: 'per-socket' })
}

/** A connection crosses its listener's path, unless its policy names another. */
function policyOn(pathTimeoutMs: number | null, input: KeepaliveInput): KeepalivePolicy {
  const policy = KeepalivePolicy.from(input)
  return pathTimeoutMs === null || policy.pathTimeoutMs !== null
    ? policy
    : policy.withPathTimeout(pathTimeoutMs)
}
