import { figure } from '../harness/child.js'
import type { Contestant } from '../harness/contestants.js'
import type { Column, Context } from '../harness/context.js'
import { HeldLoad } from '../harness/held-load.js'
import { Latencies } from '../harness/latencies.js'
import { type LoadOptions, verifiedChecksum, windowFigures } from '../harness/load.js'
import { Pauses } from '../harness/pauses.js'
import { interleave } from '../harness/rounds.js'
import type { Sample } from '../harness/samples.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

export interface EchoScenario {
  readonly name: string
  readonly connections: number
  /** Requests in flight a connection. */
  readonly depth: number
  /** Of echo; those of HTTP are as long as they are. */
  readonly requestBytes?: number
  /** Of each contestant in a round; the shorter, the less the machine drifts between them. */
  readonly windows: number
  readonly measureMs: number
  /** Before each window: others have had the caches. */
  readonly warmupMs: number
  /** Before the first window: code is compiled, memory grown. */
  readonly firstWarmupMs: number
}

/** How a bench has its windows measured. */
export interface EchoWay {
  readonly bench: string
  /** Of the load generator. */
  readonly mode: 'echo' | 'http'
  /** Given to the load generator besides. */
  readonly options?: LoadOptions
}

/** Of a window in the usual case; beside six contestants that is eight seconds a scenario and round. */
export const shortWindows = { windows: 4, measureMs: 200, warmupMs: 50 } as const

export const echoColumns: readonly Column[] = [
  { figure: 'cpuNs', title: 'CPU ns/echo', digits: 0, relative: true },
  { figure: 'perSecond', title: 'echoes/s', digits: 0, relative: true },
  { figure: 'p50Us', title: 'p50 µs', digits: 0 },
  { figure: 'p99Us', title: 'p99 µs', digits: 0 },
  { figure: 'p999Us', title: 'p99.9 µs', digits: 0 },
  { figure: 'gcPauses', title: 'GC pauses', digits: 0 },
  { figure: 'gcPauseMsTotal', title: 'ms', digits: 1 },
  { figure: 'gcPauseMsMax', title: 'longest ms', digits: 2 },
  { figure: 'serverBusy', title: 'server busy', digits: 2 },
  { figure: 'loadBusy', title: 'load busy', digits: 2 },
  { figure: 'disturbance', title: 'disturbance', digits: 2 },
]

/** A round: fresh servers, which take turns by windows of a fraction of a second. */
export async function playRound(
  way: EchoWay,
  scenarios: readonly EchoScenario[],
  contestants: readonly Contestant[],
  round: number,
  context: Context,
): Promise<void> {
  await Server.withAll(contestants, { cores: context.cores }, async (servers) => {
    const players = contestants.map(
      (contestant, i) => new EchoPlayer(way, contestant, servers[i] as Server),
    )
    for (const given of scenarios.filter(({ name }) => context.runs(way.bench, name))) {
      const scenario = context.quick ? small(given) : given
      try {
        for (const player of players) await player.dial(scenario, context)
        await interleave(scenario.windows, players, (player, window) =>
          player.play(scenario, window),
        )
      } finally {
        for (const player of players) await player.hangUp()
      }
      for (const player of players) context.samples.add(await player.hand(scenario, round))
    }
  })
}

function small(scenario: EchoScenario): EchoScenario {
  const connections = Math.min(scenario.connections, 200)
  return { ...scenario, connections, windows: 1, measureMs: 50, warmupMs: 0, firstWarmupMs: 10 }
}

/** A contestant through one round: its server, its clients, and the windows of the scenario under way. */
class EchoPlayer {
  readonly #way: EchoWay
  readonly #contestant: Contestant
  readonly #server: Server
  readonly #pauses: Pauses
  #load: HeldLoad | undefined
  #windows: Record<string, number>[] = []
  #latencies = new Latencies()
  #checksum = ''
  /** Since the clients have dialled. */
  #verifiedBytes = 0
  /** Of all scenarios so far: what the server must have counted. */
  #dialled = 0
  #closed = 0
  #bytes = 0

  constructor(way: EchoWay, contestant: Contestant, server: Server) {
    this.#way = way
    this.#contestant = contestant
    this.#server = server
    this.#pauses = new Pauses(contestant, server)
  }

  /** One after the other, so that no backlog fills; idle connections cost nobody CPU. */
  async dial({ connections, depth, requestBytes }: EchoScenario, { cores }: Context) {
    this.#load = await HeldLoad.dial(cores, this.#way.mode, {
      port: this.#server.port,
      connections,
      depth,
      ...(requestBytes !== undefined && { 'request-bytes': requestBytes }),
      'dials-per-second': 10_000,
      'clock-pid': this.#server.clockPid,
      ...this.#way.options,
    })
    this.#dialled += connections
    await this.#server.reaches(this.#dialled, this.#closed)
  }

  async play(scenario: EchoScenario, window: number): Promise<void> {
    if (this.#load === undefined) throw new Error(`${this.#contestant.name} has no clients`)
    const warmupMs = window === 0 ? scenario.firstWarmupMs : scenario.warmupMs
    await this.#pauses.begin()
    const result = await this.#load.measure(warmupMs, scenario.measureMs)
    await this.#pauses.take(result)
    this.#checksum = verifiedChecksum(result)
    this.#latencies.add(result)
    this.#windows.push(windowFigures(result))
    this.#verifiedBytes = figure(result, 'receivedBytes')
  }

  async hangUp(): Promise<void> {
    await this.#load?.close()
    this.#load = undefined
  }

  /** The windows so far become a sample, once the server has counted what the clients did. */
  async hand(scenario: EchoScenario, round: number): Promise<Sample> {
    const { name, connections, depth, requestBytes } = scenario
    this.#closed = this.#dialled
    this.#bytes += this.#verifiedBytes
    const counters = await this.#server.reaches(this.#dialled, this.#closed)
    for (const count of ['receivedBytes', 'sentBytes']) {
      const counted = figure(counters, count)
      if (counted !== this.#bytes) {
        throw new Error(`${count} of ${this.#contestant.name}: ${counted}, expected ${this.#bytes}`)
      }
    }
    const latencies = this.#latencies
    const { name: contestant, isProxy } = this.#contestant
    const figures = figureMedians(this.#windows)
    if (isProxy) delete figures.disturbance
    this.#latencies = new Latencies()
    this.#windows = []
    if (requestBytes !== undefined) {
      figures.megabytesPerSecond = ((figures.perSecond ?? 0) * requestBytes) / 1e6
    }
    return {
      bench: this.#way.bench,
      scenario: name,
      contestant,
      round,
      parameters: {
        connections,
        inFlight: depth,
        ...(requestBytes !== undefined && { requestBytes }),
      },
      figures: {
        ...figures,
        ...latencies.figures(),
        ...this.#pauses.hand(),
        verifiedBytes: this.#verifiedBytes,
      },
      percentiles: { latencyUs: latencies.percentiles() },
      checksum: this.#checksum,
    }
  }
}
