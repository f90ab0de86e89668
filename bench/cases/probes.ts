import type { Contestant } from '../harness/contestants.js'
import { heartbeats, keepaliveOff, kernelProbes } from '../harness/contestants-scale.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { type Asker, Asking, heartbeatOf, policyOf, wrongRate } from '../scale/asking.js'
import { readMemory } from '../scale/counters.js'
import { dial } from '../scale/dialling.js'
import { Fleet } from '../scale/fleet.js'
import type { Network } from '../scale/network.js'
import { Soak } from '../scale/reading.js'
import { fleetNeeds, fleetSize, packetsAtOnce } from '../scale/size.js'
import { addedFigures, quietFigures, type Window } from '../scale/window.js'
import { wireFigures } from '../scale/wire.js'
import { type Worth, worthTelling } from '../scale/worth.js'

interface Scenario {
  readonly connections: number
  readonly periodMs: number
}

/** The points of a run; a whole matrix takes half an hour a round. */
function scenariosOf(quick: boolean, full: boolean): Scenario[] {
  const [sizes, periodsMs] = quick
    ? [[200], [1000]]
    : full
      ? [
          [10_000, 50_000, 100_000, 200_000],
          [1000, 5000, 15_000, 60_000],
        ]
      : [
          [10_000, 50_000],
          [1000, 5000],
        ]
  return sizes.flatMap((connections) => periodsMs.map((periodMs) => ({ connections, periodMs })))
}

/** To dial and to end, and the periods that are waited for. */
const expectedMs = ({ periodMs }: Scenario) => 40_000 + 4.5 * periodMs

const nameOf = ({ connections, periodMs }: Scenario) =>
  `${connections} asked each ${periodMs / 1000} s`

/**
 * More a second, at both ends, are more than two cores: of 200,000 live connections that were probed
 * each second, half were ended.
 */
const asksPerSecondMax = { 'kernel-probes': 100_000, heartbeat: 50_000 }
const exchangedEach = 100

/** What it costs to keep idle connections, by who asks them and how often. */
export const probes: TurnsBench = {
  name: 'probes',
  title: 'Probes and heartbeats of idle connections, at scale',
  contestants: [keepaliveOff, kernelProbes, heartbeats],
  requirements: (quick, full) =>
    scenariosOf(quick, full).map((scenario) => ({
      scenario: nameOf(scenario),
      needs: {
        ...fleetNeeds(scenario.connections),
        // None is to be dropped here: it would be asked again, and counted twice.
        packetsAtOnce: packetsAtOnce(scenario.connections, {
          ...policyOf(scenario.periodMs),
          count: 1,
        }),
      },
    })),
  columns: [
    { figure: 'asksPerSecond', title: 'asked/s', digits: 0 },
    { figure: 'cpuUs', title: 'CPU µs/ask', digits: 2 },
    { figure: 'machineCpuCores', title: 'cores', digits: 4 },
    { figure: 'noiseCores', title: 'noise', digits: 4 },
    { figure: 'softirqCores', title: 'in no process', digits: 4 },
    { figure: 'serverCpuCores', title: 'servers', digits: 4 },
    { figure: 'clientCpuCores', title: 'clients', digits: 4 },
    { figure: 'wakeUpsPerSecond', title: 'wake-ups/s', digits: 0 },
    { figure: 'bytesPerConnectionDay', title: 'bytes/connection/day', digits: 0 },
    { figure: 'residentBytes', title: 'PSS bytes/connection', digits: 0 },
    { figure: 'kernelBytes', title: 'slab bytes/pair', digits: 0 },
    { figure: 'lost', title: 'ended alive', digits: 0 },
    { figure: 'dropped', title: 'dropped', digits: 0 },
  ],
  async measureRound(taking, round, context) {
    const failures: Error[] = []
    const scenarios = scenariosOf(context.quick, context.full).filter((scenario) =>
      context.runs('probes', nameOf(scenario)),
    )
    const allMs = scenarios.reduce((sum, scenario) => sum + expectedMs(scenario), 0)
    let doneMs = 0
    for (const scenario of scenarios) {
      context.tell(nameOf(scenario), doneMs / allMs)
      doneMs += expectedMs(scenario)
      try {
        await new Stage(scenario, round, context).measure(taking)
      } catch (error) {
        // The others tell what they can all the same.
        failures.push(new Error(nameOf(scenario), { cause: error }))
      }
    }
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} scenarios`)
    if (failures[0] !== undefined) throw failures[0]
  },
}

class Stage {
  readonly #scenario: Scenario
  readonly #round: number
  readonly #context: Context

  constructor(scenario: Scenario, round: number, context: Context) {
    this.#scenario = scenario
    this.#round = round
    this.#context = context
  }

  async measure(taking: readonly Contestant[]): Promise<void> {
    const { connections, periodMs } = this.#scenario
    const size = fleetSize(connections)
    const listen = { keepalive: false, heartbeat: heartbeatOf(periodMs) }
    await Fleet.with({ cores: this.#context.cores, size, listen, paused: true }, async (fleet) => {
      const empty = readMemory(fleet.serverPids)
      const { stoppedBy } = await dial(fleet, size)
      if (stoppedBy !== undefined) throw new Error(stoppedBy)
      const held = readMemory(fleet.serverPids)
      const memory = {
        residentBytes: (held.serverBytes - empty.serverBytes) / connections,
        kernelBytes: (held.slabBytes - empty.slabBytes) / connections,
      }
      await Soak.with(fleet, (soak) =>
        this.#turns(new Asking(fleet, soak, periodMs), taking, memory, fleet.network),
      )
      await fleet.askServers('resume 100', 'done', 100)
      await fleet.expectSameOpen()
      await fleet.exchange(exchangedEach)
    })
  }

  /** Quiet, asked by one, quiet, asked by the other, quiet. */
  async #turns(
    asking: Asking,
    taking: readonly Contestant[],
    memory: Record<string, number>,
    network: Network,
  ): Promise<void> {
    const quietMs = this.#context.quick ? 300 : this.#context.full ? 5000 : 1500
    const takes = (name: string) => taking.some((contestant) => contestant.name === name)
    let before = await asking.quiet(quietMs)
    const first = before
    for (const by of ['kernel-probes', 'heartbeat'] as const) {
      if (!takes(by)) continue
      if (this.#dueASecond() > asksPerSecondMax[by]) {
        const note = `${this.#dueASecond()} a second are more than two cores have: not measured`
        this.#hand(by, { figures: {}, note })
        continue
      }
      const window = await asking.asked(by, this.#windowMs())
      const after = await asking.quiet(quietMs)
      this.#hand(by, this.#worth(by, window, [before, after], network))
      before = after
    }
    if (takes('keepalive-off')) {
      this.#hand('keepalive-off', {
        figures: { ...quietFigures([first, before]), ...memory },
      })
    }
  }

  #windowMs(): number {
    const { periodMs } = this.#scenario
    if (this.#context.quick) return periodMs
    if (!this.#context.full) return Math.max(periodMs, 4000)
    return periodMs >= 15_000 ? periodMs : Math.max(2 * periodMs, 5000)
  }

  #dueASecond(): number {
    const { connections, periodMs } = this.#scenario
    return (connections * 1000) / periodMs
  }

  #worth(by: Asker, window: Window, quiet: readonly [Window, Window], { isOwn }: Network): Worth {
    const { connections, periodMs } = this.#scenario
    const isHeartbeat = by === 'heartbeat'
    const asksPerSecond = isHeartbeat ? window.beatsPerSecond : window.probesPerSecond
    const added = addedFigures(window, quiet, asksPerSecond)
    if (!isHeartbeat && added.lost !== 0) {
      throw new Error(`${added.lost} live connections were ended by the kernel's keepalive`)
    }
    const { quick } = this.#context
    const rate = isHeartbeat
      ? undefined
      : wrongRate(asksPerSecond, this.#scenario, { quick, isOwn })
    const wire = wireFigures(by, window, quiet, { connections, asksPerSecond })
    const figures = { ...added, periodMs, ...wire.figures }
    const worth = worthTelling(figures, this.#dueASecond(), rate ? [rate] : [])
    const notes = [worth.note, wire.reason].filter((note) => note !== undefined)
    return notes.length === 0 ? worth : { ...worth, note: notes.join('; ') }
  }

  #hand(contestant: string, worth: Worth): void {
    const { connections, periodMs } = this.#scenario
    this.#context.samples.add({
      bench: 'probes',
      scenario: nameOf(this.#scenario),
      contestant,
      round: this.#round,
      parameters: { connections, idleMs: periodMs },
      ...worth,
    })
  }
}
