import { figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { runLoad, verifiedChecksum, windowFigures } from '../harness/load.js'
import { interleave } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

interface Scenario {
  readonly name: string
  readonly connections: number
  /** Requests in flight a connection. */
  readonly depth: number
}

const scenarios: readonly Scenario[] = [
  { name: 'N=50', connections: 50, depth: 1 },
  { name: 'N=1000', connections: 1000, depth: 1 },
  { name: 'N=50, 16 in flight', connections: 50, depth: 16 },
]

/** Windows of each contestant in a round; the smaller they are, the less the machine drifts between them. */
const windowsPerRound = 6
const measureMs = 400
/** Before the first window of a scenario: code is compiled, memory grown. */
const firstWarmupMs = 1000
const warmupMs = 100

/** CPU per 64-byte echo: fresh servers a round, which take turns by windows of a fraction of a second. */
export const echo: TurnsBench = {
  name: 'echo',
  contestants: [
    contestants.rawEpoll,
    contestants.rawEpollAgain,
    contestants.rawLibuv,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastUv,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/echo', digits: 0, relative: true },
    { figure: 'perSecond', title: 'echoes/s', digits: 0, relative: true },
    { figure: 'p50Us', title: 'p50 µs', digits: 0 },
    { figure: 'p99Us', title: 'p99 µs', digits: 0 },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'loadBusy', title: 'load busy', digits: 2 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measureRound(taking, round, context) {
    await Server.withAll(taking, { cores: context.cores }, async (servers) => {
      const players = taking.map(({ name }, i) => new Player(name, servers[i] as Server))
      for (const scenario of scenarios) {
        const windows = context.quick ? 1 : windowsPerRound
        await interleave(windows, players, (player, window) =>
          player.play(scenario, window, context),
        )
        for (const player of players) player.hand(scenario, round, context)
      }
    })
  },
}

/** A contestant through one round: its server, and the windows of the scenario under way. */
class Player {
  readonly #name: string
  readonly #server: Server
  #windows: Record<string, number>[] = []
  #checksum = ''
  #connections = 0
  #bytes = 0

  constructor(name: string, server: Server) {
    this.#name = name
    this.#server = server
  }

  async play(scenario: Scenario, window: number, context: Context): Promise<void> {
    const result = await runLoad(context.cores, 'echo', {
      port: this.#server.port,
      connections: scenario.connections,
      depth: scenario.depth,
      'request-bytes': 64,
      'warmup-ms': context.quick ? 50 : window === 0 ? firstWarmupMs : warmupMs,
      'measure-ms': measureMs,
      'clock-pid': this.#server.pid,
    })
    this.#checksum = verifiedChecksum(result)
    this.#connections += scenario.connections
    this.#bytes += figure(result, 'sentBytes')
    // All closed, so that nothing of this window is left for the next contestant's.
    const counters = await this.#server.reaches(this.#connections, this.#connections)
    for (const name of ['receivedBytes', 'sentBytes']) {
      const counted = figure(counters, name)
      if (counted !== this.#bytes) {
        throw new Error(`${name} of ${this.#name}: ${counted}, expected ${this.#bytes}`)
      }
    }
    this.#windows.push({
      ...windowFigures(result),
      p50Us: figure(result, 'p50Us'),
      p99Us: figure(result, 'p99Us'),
      p999Us: figure(result, 'p999Us'),
      verifiedBytes: figure(result, 'receivedBytes'),
    })
  }

  /** The windows so far become one sample. */
  hand(scenario: Scenario, round: number, context: Context): void {
    context.samples.add({
      bench: 'echo',
      scenario: scenario.name,
      contestant: this.#name,
      round,
      figures: figureMedians(this.#windows),
      checksum: this.#checksum,
    })
    this.#windows = []
  }
}
