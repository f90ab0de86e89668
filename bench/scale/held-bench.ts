import { kernelProbes } from '../harness/contestants-scale.js'
import type { SerialBench } from '../harness/context.js'
import { type Holding, hold, needsOf } from './holding.js'

const columns: SerialBench['columns'] = [
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

/** A bench that holds a fleet once a round, by the size of a real run or of a smoke run. */
export function heldBench(title: string, real: Holding, quick: Holding): SerialBench {
  const sizeOf = (isQuick: boolean) => (isQuick ? quick : real)
  const scenarioOf = ({ connections }: Holding) => `${connections} held`
  return {
    name: real.bench,
    title,
    contestants: [kernelProbes],
    columns,
    requirements: (isQuick) => [
      { scenario: scenarioOf(sizeOf(isQuick)), needs: needsOf(sizeOf(isQuick)) },
    ],
    async measure(_, round, context) {
      const size = sizeOf(context.quick)
      if (context.runs(real.bench, scenarioOf(size))) await hold(size, round, context)
    },
  }
}
