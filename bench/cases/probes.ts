import type { Contestant } from '../harness/contestants.js'
import { heartbeats, keepaliveOff, kernelProbes } from '../harness/contestants-scale.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { type Asker, Asking, expectProbes, heartbeatOf, policyOf } from '../scale/asking.js'
import { readMemory } from '../scale/counters.js'
import { dial } from '../scale/dialling.js'
import { Fleet } from '../scale/fleet.js'
import { Soak } from '../scale/reading.js'
import { fleetNeeds, fleetSize, packetsAtOnce } from '../scale/size.js'
import { addedFigures, noteOf, quietFigures, type Window } from '../scale/window.js'

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

const nameOf = ({ connections, periodMs }: Scenario) =>
  `${connections} asked each ${periodMs / 1000} s`

/** More heartbeats than that, at both ends, are more than two cores. */
const beatsPerSecondMax = 50_000
const exchangedEach = 100
const secondsPerDay = 86_400

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
    // In the suite once: it takes two minutes, and its figures are means of thousands.
    if (round > 0 && !context.full) return
    for (const scenario of scenariosOf(context.quick, context.full)) {
      if (context.runs('probes', nameOf(scenario))) {
        await new Stage(scenario, round, context).measure(taking)
      }
    }
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
        this.#turns(new Asking(fleet, soak, periodMs), taking, memory),
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
  ): Promise<void> {
    const quietMs = this.#context.quick ? 300 : this.#context.full ? 5000 : 1500
    const { connections, periodMs } = this.#scenario
    const takes = (name: string) => taking.some((contestant) => contestant.name === name)
    let before = await asking.quiet(quietMs)
    const first = before
    for (const by of ['kernel-probes', 'heartbeat'] as const) {
      if (!takes(by) || !this.#isPossible(by)) continue
      const window = await asking.asked(by, this.#windowMs())
      const after = await asking.quiet(quietMs)
      const figures = this.#figures(by, window, [before, after])
      if (by === 'kernel-probes' && figures.lost !== 0) {
        throw new Error(`${figures.lost} live connections were ended by the kernel's keepalive`)
      }
      this.#hand(by, figures, noteOf(figures, (connections * 1000) / periodMs))
      before = after
    }
    if (takes('keepalive-off')) {
      this.#hand('keepalive-off', { ...quietFigures([first, before]), ...memory })
    }
  }

  #windowMs(): number {
    const { periodMs } = this.#scenario
    if (this.#context.quick) return periodMs
    if (!this.#context.full) return Math.max(periodMs, 4000)
    return periodMs >= 60_000 ? periodMs : Math.max(2 * periodMs, 5000)
  }

  #isPossible(by: Asker): boolean {
    const { connections, periodMs } = this.#scenario
    return by !== 'heartbeat' || (connections * 1000) / periodMs <= beatsPerSecondMax
  }

  #figures(by: Asker, window: Window, quiet: readonly [Window, Window]): Record<string, number> {
    const { connections, periodMs } = this.#scenario
    const asks = by === 'heartbeat' ? window.beatsPerSecond : window.probesPerSecond
    if (by === 'kernel-probes') expectProbes(asks, this.#scenario, this.#context.quick)
    return {
      ...addedFigures(window, quiet, asks),
      periodMs,
      bytesPerConnectionDay: (window.wireBytesPerSecond * secondsPerDay) / connections,
    }
  }

  #hand(contestant: string, figures: Record<string, number>, note = ''): void {
    const { connections, periodMs } = this.#scenario
    this.#context.samples.add({
      bench: 'probes',
      scenario: nameOf(this.#scenario),
      contestant,
      round: this.#round,
      parameters: { connections, idleMs: periodMs },
      figures,
      ...(note === '' ? {} : { note }),
    })
  }
}
