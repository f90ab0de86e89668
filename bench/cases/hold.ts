import { kernelProbes } from '../harness/contestants-scale.js'
import type { SerialBench } from '../harness/context.js'
import { type Holding, hold as holdConnections, needsOf } from '../scale/holding.js'

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

export const holdColumns: SerialBench['columns'] = [
  { figure: 'heldConnections', title: 'held', digits: 0 },
  { figure: 'lost', title: 'lost', digits: 0 },
  { figure: 'heldSeconds', title: 'for s', digits: 0 },
  { figure: 'probes', title: 'probes', digits: 0 },
  { figure: 'dropped', title: 'dropped', digits: 0 },
  { figure: 'dialledPerSecond', title: 'dialled/s', digits: 0 },
  { figure: 'endedPerSecond', title: 'ended/s', digits: 0 },
  { figure: 'ends peer-end', title: 'peer-end', digits: 0 },
  { figure: 'ends peer-reset', title: 'peer-reset', digits: 0 },
  { figure: 'ends shutdown', title: 'shutdown', digits: 0 },
  { figure: 'residentBytes', title: 'PSS bytes/connection', digits: 0 },
  { figure: 'kernelBytes', title: 'slab bytes/pair', digits: 0 },
  { figure: 'availableMiB', title: 'MiB left', digits: 0 },
]

const sizeOf = (quick: boolean) => (quick ? quickHolding : holding)

/** 200,000 connections, held for a minute with keepalive armed, and every end accounted for. */
export const hold: SerialBench = {
  name: 'hold',
  title: '200,000 connections held, and every end accounted for',
  contestants: [kernelProbes],
  columns: holdColumns,
  requirements: (quick) => [
    { scenario: `${sizeOf(quick).connections} held`, needs: needsOf(sizeOf(quick)) },
  ],
  async measure(_, round, context) {
    const size = sizeOf(context.quick)
    if (!context.runs('hold', `${size.connections} held`)) return
    await holdConnections(size, round, context)
  },
}
