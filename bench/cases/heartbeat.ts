import { heartbeats, kernelProbes } from '../harness/contestants-scale.js'
import type { TurnsBench } from '../harness/context.js'
import { figureMedians } from '../harness/statistics.js'
import { type Asker, Asking, heartbeatOf, policyOf, wrongRate } from '../scale/asking.js'
import { dial } from '../scale/dialling.js'
import { Fleet } from '../scale/fleet.js'
import { Soak } from '../scale/reading.js'
import { fleetNeeds, fleetSize, packetsAtOnce } from '../scale/size.js'
import { addedFigures } from '../scale/window.js'
import { type Worth, worthTelling } from '../scale/worth.js'

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
    const needs = {
      ...fleetNeeds(size.connections),
      packetsAtOnce: packetsAtOnce(size.connections, policyOf(periodMs)),
    }
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
        const turns = new Map<string, Turn[]>()
        let before = await asking.quiet(quietMs)
        for (let pair = 0; pair < pairs; pair++) {
          for (const { name } of pair % 2 === 0 ? taking : [...taking].reverse()) {
            const window = await asking.asked(name as Asker, askedMs)
            const after = await asking.quiet(quietMs)
            const asks = name === 'heartbeat' ? window.beatsPerSecond : window.probesPerSecond
            const figures = addedFigures(window, [before, after], asks)
            const how = { quick: context.quick, isOwn: fleet.network.isOwn }
            const wrong =
              name === 'kernel-probes' ? wrongRate(asks, { connections, periodMs }, how) : undefined
            turns.set(name, [...(turns.get(name) ?? []), { figures, wrong }])
            before = after
          }
        }
        for (const [contestant, all] of turns) {
          context.samples.add({
            bench: 'heartbeat',
            scenario: nameOf({ connections }),
            contestant,
            round,
            parameters: { connections, idleMs: periodMs },
            ...worthOf(all, (connections * 1000) / periodMs),
          })
        }
      })
      await fleet.askServers('resume 100', 'done', 100)
      await fleet.expectSameOpen()
      await fleet.exchange(exchanged)
    })
  },
}

interface Turn {
  readonly figures: Readonly<Record<string, number>>
  /** Why it does not count. */
  readonly wrong: string | undefined
}

/** Of those that count; of all where none does, without what would be judged. */
function worthOf(turns: readonly Turn[], meantPerSecond: number): Worth {
  const right = turns.filter(({ wrong }) => wrong === undefined)
  const wrong = turns.flatMap(({ wrong }) => wrong ?? [])
  const counted = right.length > 0 ? right : turns
  const medians = figureMedians(counted.map(({ figures }) => figures))
  if (right.length === 0) return worthTelling(medians, meantPerSecond, wrong)
  const worth = worthTelling(medians, meantPerSecond)
  if (wrong.length === 0) return worth
  const leftOut = `${wrong.length} of ${turns.length} windows are left out: ${wrong.join(', ')}`
  return { ...worth, note: [leftOut, worth.note].filter((note) => note !== undefined).join('; ') }
}
