import { figure } from '../harness/child.js'
import type { Column, Context } from '../harness/context.js'
import { type LoadOptions, runLoad, verifiedChecksum, windowFigures } from '../harness/load.js'
import type { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

export interface EchoScenario {
  readonly name: string
  readonly connections: number
  /** Requests in flight a connection. */
  readonly depth: number
}

/** How a bench has its windows measured. */
export interface EchoWay {
  readonly bench: string
  /** Of the load generator. */
  readonly mode: 'echo' | 'http'
  /** Before the first window of a scenario: code is compiled, memory grown. */
  readonly firstWarmupMs: number
  /** Given to the load generator besides. */
  readonly options?: LoadOptions
}

const measureMs = 400
const warmupMs = 100

export const echoColumns: readonly Column[] = [
  { figure: 'cpuNs', title: 'CPU ns/echo', digits: 0, relative: true },
  { figure: 'perSecond', title: 'echoes/s', digits: 0, relative: true },
  { figure: 'p50Us', title: 'p50 µs', digits: 0 },
  { figure: 'p99Us', title: 'p99 µs', digits: 0 },
  { figure: 'serverBusy', title: 'server busy', digits: 2 },
  { figure: 'loadBusy', title: 'load busy', digits: 2 },
  { figure: 'disturbance', title: 'disturbance', digits: 2 },
]

/** A contestant through one round: its server, and the windows of the scenario under way. */
export class EchoPlayer {
  readonly #way: EchoWay
  readonly #name: string
  readonly #server: Server
  #windows: Record<string, number>[] = []
  #checksum = ''
  #connections = 0
  #bytes = 0

  constructor(way: EchoWay, name: string, server: Server) {
    this.#way = way
    this.#name = name
    this.#server = server
  }

  async play(scenario: EchoScenario, window: number, context: Context): Promise<void> {
    const { mode, firstWarmupMs, options } = this.#way
    const result = await runLoad(context.cores, mode, {
      port: this.#server.port,
      connections: scenario.connections,
      depth: scenario.depth,
      'request-bytes': 64,
      'warmup-ms': context.quick ? 50 : window === 0 ? firstWarmupMs : warmupMs,
      'measure-ms': measureMs,
      'clock-pid': this.#server.pid,
      ...options,
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
  hand(scenario: EchoScenario, round: number, context: Context): void {
    context.samples.add({
      bench: this.#way.bench,
      scenario: scenario.name,
      contestant: this.#name,
      round,
      figures: figureMedians(this.#windows),
      checksum: this.#checksum,
    })
    this.#windows = []
  }
}
