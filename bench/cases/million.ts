import { kernelProbes } from '../harness/contestants-scale.js'
import type { SerialBench } from '../harness/context.js'
import { type Holding, hold, needsOf } from '../scale/holding.js'
import { holdColumns } from './hold.js'

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

const sizeOf = (quick: boolean) => (quick ? quickHolding : holding)

/** The same for a million; or how far it went, and what stopped it. */
export const million: SerialBench = {
  name: 'million',
  title: 'A million connections, or what stopped them',
  contestants: [kernelProbes],
  columns: holdColumns,
  requirements: (quick) => [
    { scenario: `${sizeOf(quick).connections} held`, needs: needsOf(sizeOf(quick)) },
  ],
  async measure(_, round, context) {
    const size = sizeOf(context.quick)
    if (!context.runs('million', `${size.connections} held`)) return
    await hold(size, round, context)
  },
}
