import { heartbeats, kernelProbes } from '../harness/contestants-scale.js'
import type { TurnsBench } from '../harness/context.js'
import { figureMedians } from '../harness/statistics.js'
import { type Asker, Asking, expectProbes, heartbeatOf, policyOf } from '../scale/asking.js'
import { dial } from '../scale/dialling.js'
import { Fleet } from '../scale/fleet.js'
import { Soak } from '../scale/reading.js'
import { fleetSize, packetsAtOnce } from '../scale/size.js'
import { addedFigures, noteOf } from '../scale/window.js'

const full = { connections: 10_000, pairs: 3, askedMs: 5000, quietMs: 2000 }
const quick = { connections: 200, pairs: 1, askedMs: 800, quietMs: 200 }
const exchanged = 1000
/** The shortest that the kernel has. */
const periodMs = 1000

const nameOf = ({ connections }: { connections: number }) => `${connections} asked each second`

/** Who asks each connection of one server process whether it is there: the kernel, or TypeScript. */
export const heartbeat: TurnsBench = {
  name: 'heartbeat',
  title: 'A kernel probe against a heartbeat in TypeScript',
  contestants: [kernelProbes, heartbeats],
  requirements: (isQuick) => {
    const size = isQuick ? quick : full
    const needs = { packetsAtOnce: packetsAtOnce(size.connections, policyOf(periodMs)) }
    return [{ scenario: nameOf(size), needs }]
  },
  columns: [
    { figure: 'cpuUs', title: 'CPU µs/ask, both ends', digits: 2, relative: true },
    { figure: 'serverCpuUs', title: 'of the server process', digits: 2 },
    { figure: 'asksPerSecond', title: 'asked/s', digits: 0 },
    { figure: 'machineCpuCores', title: 'cores', digits: 4 },
    { figure: 'noiseCores', title: 'noise', digits: 4 },
    { figure: 'softirqCores', title: 'in no process', digits: 4 },
    { figure: 'wakeUpsPerSecond', title: 'wake-ups/s', digits: 0 },
    { figure: 'lost', title: 'ended alive', digits: 0 },
    { figure: 'dropped', title: 'dropped', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measureRound(taking, round, context) {
    const { connections, pairs, askedMs, quietMs } = context.quick ? quick : full
    if (!context.runs('heartbeat', nameOf({ connections }))) return
    const size = fleetSize(connections)
    const listen = { keepalive: false, heartbeat: heartbeatOf(periodMs) }
    await Fleet.with({ cores: context.cores, size, listen, paused: true }, async (fleet) => {
      const { stoppedBy } = await dial(fleet, size)
      if (stoppedBy !== undefined) throw new Error(stoppedBy)
      await Soak.with(fleet, async (soak) => {
        const asking = new Asking(fleet, soak, periodMs)
        // So that the code of a heartbeat is compiled.
        if (!context.quick) await asking.asked('heartbeat', askedMs)
        const figures = new Map<string, Record<string, number>[]>()
        let before = await asking.quiet(quietMs)
        for (let pair = 0; pair < pairs; pair++) {
          for (const { name } of pair % 2 === 0 ? taking : [...taking].reverse()) {
            const window = await asking.asked(name as Asker, askedMs)
            const after = await asking.quiet(quietMs)
            const asks = name === 'heartbeat' ? window.beatsPerSecond : window.probesPerSecond
            if (name === 'kernel-probes') {
              expectProbes(asks, { connections, periodMs }, context.quick)
            }
            const added = addedFigures(window, [before, after], asks)
            figures.set(name, [...(figures.get(name) ?? []), added])
            before = after
          }
        }
        for (const [contestant, windows] of figures) {
          const medians = figureMedians(windows)
          const note = noteOf(medians, (connections * 1000) / periodMs)
          context.samples.add({
            bench: 'heartbeat',
            scenario: nameOf({ connections }),
            contestant,
            round,
            parameters: { connections, idleMs: periodMs },
            figures: medians,
            ...(note === '' ? {} : { note }),
          })
        }
      })
      await fleet.askServers('resume 100', 'done', 100)
      await fleet.expectSameOpen()
      await fleet.exchange(exchanged)
    })
  },
}
