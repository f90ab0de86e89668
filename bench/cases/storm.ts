import { type Child, figure, type Message } from '../harness/child.js'
import type { Contestant } from '../harness/contestants.js'
import * as contestants from '../harness/contestants.js'
import type { Context, SerialBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { startLoad, windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

/** How the clients go, and what holdfast calls that. */
interface Manner {
  readonly name: string
  readonly command: 'close' | 'reset'
  readonly reason: 'peer-end' | 'peer-reset'
}

const manners: readonly Manner[] = [
  { name: 'FIN', command: 'close', reason: 'peer-end' },
  { name: 'RST', command: 'reset', reason: 'peer-reset' },
]

/** Under the 20,000 descriptors of a process. */
const connections = 19_000
const stormsPerRound = 2
// Before the first storm of its manner, so that its code is compiled: storms of a smaller size.
const warmupConnections = 5000
const warmupStorms = 2
const quickConnections = 500

// All in one go; 5,000 a second would take longer than all that is measured.
const dialsPerSecond = 20_000
const loadTimeoutMs = 90_000

const sizeOf = (quick: boolean) => (quick ? quickConnections : connections)
const nameOf = (size: number, { name }: Manner) => `${size} by ${name}`

/** All clients go at once: CPU from the first end to the last, hooks and completions included. */
export const storm: SerialBench = {
  name: 'storm',
  title: 'All connections end at once',
  quickTogether: true,
  contestants: [
    contestants.rawEpoll,
    contestants.rawEpollAgain,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastUv,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/ending', digits: 0, relative: true },
    { figure: 'lastMs', title: 'last one after ms', digits: 0 },
    { figure: 'closedMs', title: 'clients took ms', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  requirements: (quick) =>
    manners.map((manner) => ({
      scenario: nameOf(sizeOf(quick), manner),
      needs: needsOfCrowd(sizeOf(quick)),
    })),
  async measure(contestant, round, context) {
    const size = sizeOf(context.quick)
    const chosen = manners.filter((manner) => context.runs('storm', nameOf(size, manner)))
    if (chosen.length === 0) return
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const clients = startLoad(context.cores, 'storm', {
        port: server.port,
        'source-net': 1,
        'clock-pid': server.pid,
        'dials-per-second': dialsPerSecond,
      })
      try {
        const weather = new Weather(contestant, server, clients)
        for (const manner of chosen) await weather.measure(manner, round, context)
      } finally {
        await clients.end()
      }
    })
  },
}

/** One server through its storms, and what it must have counted by now. */
class Weather {
  readonly #contestant: Contestant
  readonly #server: Server
  readonly #clients: Child
  #total = 0
  readonly #byReason: Record<string, number> = {}

  constructor(contestant: Contestant, server: Server, clients: Child) {
    this.#contestant = contestant
    this.#server = server
    this.#clients = clients
  }

  async measure(manner: Manner, round: number, context: Context): Promise<void> {
    const size = sizeOf(context.quick)
    if (!context.quick) {
      for (let i = 0; i < warmupStorms; i++) await this.#storm(manner, warmupConnections)
    }
    const storms: Record<string, number>[] = []
    for (let i = 0; i < (context.quick ? 1 : stormsPerRound); i++) {
      const ended = await this.#storm(manner, size)
      const lastMs = figure(ended, 'wallNs') / 1e6
      storms.push({ ...windowFigures(ended), lastMs, closedMs: figure(ended, 'closedMs') })
    }
    context.samples.add({
      bench: 'storm',
      scenario: nameOf(size, manner),
      contestant: this.#contestant.name,
      round,
      parameters: { connections: size },
      figures: figureMedians(storms),
    })
  }

  /** Every one must have ended once, with its hook, and by its name. */
  async #storm({ command, reason }: Manner, size: number): Promise<Message> {
    this.#clients.say(`dial ${size}`)
    await this.#clients.next('held', loadTimeoutMs)
    await this.#server.reaches(this.#total + size, this.#total)
    this.#clients.say(command)
    const ended = await this.#clients.next('ended', loadTimeoutMs)
    this.#total += size
    this.#byReason[reason] = (this.#byReason[reason] ?? 0) + size
    // At once: after the CPU clock stood still there is nothing left to come.
    await this.#server.reaches(this.#total, this.#total, 0)
    if (!this.#contestant.name.startsWith('holdfast')) return ended
    const counters = await this.#server.ask('counters', 'counters')
    const closed = Object.entries(counters.closed as Record<string, number>)
    const seen = Object.fromEntries(closed.filter(([, count]) => count > 0))
    const expected = JSON.stringify(sorted(this.#byReason))
    if (JSON.stringify(sorted(seen)) !== expected || figure(counters, 'open') !== 0) {
      throw new Error(
        `completions: ${JSON.stringify(counters)}, expected ${expected} and none open`,
      )
    }
    return ended
  }
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)))
}
