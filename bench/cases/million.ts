import { heldBench } from '../scale/held-bench.js'
import type { Holding } from '../scale/holding.js'

const holding: Holding = {
  bench: 'million',
  connections: 1_000_000,
  holdMs: 60_000,
  keepalive: { idleMs: 60_000, intervalMs: 10_000, count: 6 },
  // Who ends by FIN waits out a minute, and the kernel keeps 131,072 of them (tcp_max_tw_buckets).
  endings: { fin: 1 / 16, reset: 7 / 8 },
}
// Two processes on each side, so that the kernel deals the connections out.
const quickHolding: Holding = {
  ...holding,
  connections: 600,
  perProcess: 400,
  holdMs: 200,
  keepalive: { idleMs: 1000, intervalMs: 1000, count: 8 },
}

/** The same for a million; or how far it went, and what stopped it. */
export const million = heldBench(
  'A million connections, or what stopped them',
  holding,
  quickHolding,
)
