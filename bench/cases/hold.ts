import { heldBench } from '../scale/held-bench.js'
import type { Holding } from '../scale/holding.js'

const holding: Holding = {
  bench: 'hold',
  connections: 200_000,
  holdMs: 60_000,
  // Each is asked four times while it is held. Their timers ring some 3,500 at a time, loopback
  // queues 1,000, and an interval of 2 s has the rest asked again in instants of their own.
  keepalive: { idleMs: 15_000, intervalMs: 2000, count: 10 },
  endings: { fin: 1 / 2, reset: 1 / 4 },
}
const quickHolding: Holding = {
  ...holding,
  connections: 400,
  // A whole period of the kernel's timers and more.
  holdMs: 1200,
  keepalive: { idleMs: 1000, intervalMs: 1000, count: 8 },
}

/** 200,000 connections, held for a minute with keepalive armed, and every end accounted for. */
export const hold = heldBench(
  '200,000 connections held, and every end accounted for',
  holding,
  quickHolding,
)
