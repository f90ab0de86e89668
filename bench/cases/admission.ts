import { type Child, figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { runLoad, startLoad, windowFigures } from '../harness/load.js'
import { interleave } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'
import { columns, inFlight } from './accept.js'

interface Scenario {
  readonly name: string
  /** Held open meanwhile, each from an address of its own: how large the table is. */
  readonly held: number
}

const scenarios: readonly Scenario[] = [
  { name: 'nobody else', held: 0 },
  { name: 'beside 5000 addresses', held: 5000 },
]

const heldOf = ({ held }: Scenario, quick: boolean) => (quick ? held / 10 : held)

const addresses = 10_000
/** Few hundredths are to be told apart: as many windows as echo has, and half as many again. */
const windowsPerRound = 9
const measureMs = 400
const firstWarmupMs = 1000
const warmupMs = 100
const heldTimeoutMs = 60_000

/** What the limit of connections per address adds to CPU per connection accepted and closed. */
export const admission: TurnsBench = {
  name: 'admission',
  title: 'A limit per address, looked up at accept',
  contestants: [
    contestants.holdfastEpoll,
    contestants.holdfastEpollAgain,
    contestants.holdfastPerAddress,
  ],
  columns,
  requirements: (quick) =>
    scenarios.map((scenario) => {
      const held = inFlight + heldOf(scenario, quick)
      // All contestants hold theirs at the same time.
      const needs = needsOfCrowd(held, admission.contestants.length * held)
      return { scenario: scenario.name, needs }
    }),
  async measureRound(taking, round, context) {
    const chosen = scenarios.filter(({ name }) => context.runs('admission', name))
    if (chosen.length === 0) return
    await Server.withAll(taking, { cores: context.cores }, async (servers) => {
      const doors = taking.map(({ name }, i) => new Door(name, servers[i] as Server))
      for (const scenario of chosen) {
        try {
          for (const door of doors) await door.hold(scenario, context)
          await interleave(context.quick ? 1 : windowsPerRound, doors, (door, window) =>
            door.pass(window, context),
          )
          for (const door of doors) door.hand(scenario, round, context)
        } finally {
          for (const door of doors) await door.release()
        }
      }
    })
  },
}

/** A contestant through one round: its server, who is held there, and the windows so far. */
class Door {
  readonly #name: string
  readonly #server: Server
  #windows: Record<string, number>[] = []
  #holder: Child | undefined
  #held = 0
  #passed = 0

  constructor(name: string, server: Server) {
    this.#name = name
    this.#server = server
  }

  async hold(scenario: Scenario, context: Context): Promise<void> {
    if (scenario.held === 0) return
    this.#held = heldOf(scenario, context.quick)
    this.#holder = startLoad(context.cores, 'hold', {
      port: this.#server.port,
      connections: this.#held,
      'source-net': 2,
      sources: addresses,
      'connections-per-source': 1,
    })
    await this.#holder.next('held', heldTimeoutMs)
  }

  async pass(window: number, context: Context): Promise<void> {
    const result = await runLoad(context.cores, 'accept', {
      port: this.#server.port,
      connections: inFlight,
      'source-net': 1,
      sources: addresses,
      'connections-per-source': 1,
      'warmup-ms': context.quick ? 50 : window === 0 ? firstWarmupMs : warmupMs,
      'measure-ms': measureMs,
      'clock-pid': this.#server.pid,
    })
    const opened = figure(result, 'opened')
    if (figure(result, 'ended') !== opened) throw new Error('a connection did not end')
    this.#passed += opened
    await this.#server.reaches(this.#passed + this.#held, this.#passed)
    this.#windows.push({ ...windowFigures(result), opened })
  }

  hand(scenario: Scenario, round: number, context: Context): void {
    context.samples.add({
      bench: 'admission',
      scenario: scenario.name,
      contestant: this.#name,
      round,
      figures: figureMedians(this.#windows),
    })
    this.#windows = []
  }

  /** Who was held goes, and is counted among those that have passed. */
  async release(): Promise<void> {
    if (this.#holder === undefined) return
    await this.#holder.end()
    this.#holder = undefined
    this.#passed += this.#held
    this.#held = 0
    await this.#server.reaches(this.#passed, this.#passed)
  }
}
