import { type KeepalivePlan, planKeepalive } from '../../lib/core/keepalive-plan.js'
import type { KeepaliveSettings } from '../../lib/core/keepalive-policy.js'

/** A policy that asks each second, so that loss has many occasions within a minute. */
export interface RiskyPolicy {
  /** Idle time and interval in seconds, and the count. */
  readonly name: string
  readonly keepalive: KeepaliveSettings
  /** 64 bytes to each connection that often, which the liveness clock watches; absent: idle. */
  readonly pushEveryMs?: number
}

export const riskyPolicies: readonly RiskyPolicy[] = [
  ...[1, 2, 3, 4].map((count) => ({
    name: `1/1/${count}`,
    keepalive: { idleMs: 1000, intervalMs: 1000, count },
  })),
  // It takes the place of the count: the first tick at or after it ends what has not answered.
  {
    name: '1/1/4, user timeout 1.8 s',
    keepalive: { idleMs: 1000, intervalMs: 1000, count: 4, userTimeoutMs: 1800 },
  },
  {
    name: '1/1/2, data in flight',
    keepalive: { idleMs: 1000, intervalMs: 1000, count: 2 },
    pushEveryMs: 500,
  },
]

/** What `holdfast plan` says of it. */
export function planOf({ keepalive }: RiskyPolicy, loss: number): KeepalivePlan {
  return planKeepalive(keepalive, { connections: 1, loss })
}
