import { figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { Context, TurnsBench } from '../harness/context.js'
import { runLoad, verifiedChecksum, windowFigures } from '../harness/load.js'
import { interleave } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

const connections = 50
const windowsPerRound = 6
const measureMs = 400
/** Before the first window: code is compiled, memory grown. */
const firstWarmupMs = 2000
const warmupMs = 100

/** Requests per second of one http.createServer(), on node:net and on connections' toDuplex(). */
export const http: TurnsBench = {
  name: 'http',
  contestants: [
    contestants.nodeHttp,
    contestants.nodeHttpAgain,
    contestants.httpEpoll,
    contestants.httpUv,
  ],
  columns: [
    { figure: 'perSecond', title: 'requests/s', digits: 0, relative: true },
    { figure: 'cpuNs', title: 'CPU ns/request', digits: 0, relative: true },
    { figure: 'p50Us', title: 'p50 µs', digits: 0 },
    { figure: 'p99Us', title: 'p99 µs', digits: 0 },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'loadBusy', title: 'load busy', digits: 2 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measureRound(taking, round, context) {
    await Server.withAll(taking, { cores: context.cores }, async (servers) => {
      const players = taking.map(({ name }, i) => new Player(name, servers[i] as Server))
      await interleave(context.quick ? 1 : windowsPerRound, players, (player, window) =>
        player.play(window, context),
      )
      for (const player of players) player.hand(round, context)
    })
  },
}

/** A contestant through one round: its server and its windows. */
class Player {
  readonly #name: string
  readonly #server: Server
  readonly #windows: Record<string, number>[] = []
  #checksum = ''
  #bytes = 0

  constructor(name: string, server: Server) {
    this.#name = name
    this.#server = server
  }

  async play(window: number, context: Context): Promise<void> {
    const result = await runLoad(context.cores, 'http', {
      port: this.#server.port,
      connections,
      'warmup-ms': context.quick ? 50 : window === 0 ? firstWarmupMs : warmupMs,
      'measure-ms': measureMs,
      'clock-pid': this.#server.pid,
    })
    this.#checksum = verifiedChecksum(result)
    this.#bytes += figure(result, 'sentBytes')
    const dialled = connections * (window + 1)
    const counters = await this.#server.reaches(dialled, dialled)
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
    })
  }

  /** The windows become one sample. */
  hand(round: number, context: Context): void {
    context.samples.add({
      bench: 'http',
      scenario: `${connections} keep-alive`,
      contestant: this.#name,
      round,
      figures: figureMedians(this.#windows),
      checksum: this.#checksum,
    })
  }
}
