import { setTimeout as sleep } from 'node:timers/promises'
import { Child, figure, type Message } from './child.js'
import type { Contestant } from './contestants.js'
import { type Cores, pinned } from './cores.js'

const startTimeoutMs = 10_000
const answerTimeoutMs = 10_000

export interface ServerOptions {
  readonly cores: Cores
  readonly nodeFlags?: readonly string[]
  readonly scriptArguments?: readonly string[]
  /** What the command starts with, to be in a network namespace. */
  readonly inside?: readonly string[]
}

/** A contestant's process, started on the server's core. */
export class Server {
  readonly #child: Child
  readonly port: number
  /** The process whose CPU is the server's: its own, or the one it says. */
  readonly clockPid: number

  private constructor(child: Child, listening: Message) {
    this.#child = child
    this.port = figure(listening, 'port')
    this.clockPid = 'clockPid' in listening ? figure(listening, 'clockPid') : child.pid
  }

  static async start(contestant: Contestant, options: ServerOptions): Promise<Server> {
    const program = contestant.command(options.nodeFlags ?? [], options.scriptArguments ?? [])
    const command = [...(options.inside ?? []), ...pinned(options.cores.server, program)]
    const child = new Child(contestant.name, command)
    try {
      return new Server(child, await child.next('listening', startTimeoutMs))
    } catch (error) {
      child.kill()
      throw error
    }
  }

  /** Starts it, lends it, and ends it whatever happens. */
  static async with<Result>(
    contestant: Contestant,
    options: ServerOptions,
    use: (server: Server) => Promise<Result>,
  ): Promise<Result> {
    const server = await Server.start(contestant, options)
    try {
      return await use(server)
    } finally {
      await server.#child.end()
    }
  }

  /** Starts them all, lends them in the same order, and ends them whatever happens. */
  static async withAll<Result>(
    contestants: readonly Contestant[],
    options: ServerOptions,
    use: (servers: readonly Server[]) => Promise<Result>,
  ): Promise<Result> {
    const starting = contestants.map((contestant) => Server.start(contestant, options))
    try {
      return await use(await Promise.all(starting))
    } finally {
      const started = await Promise.allSettled(starting)
      await Promise.all(
        started.map((start) => start.status === 'fulfilled' && start.value.#child.end()),
      )
    }
  }

  get pid(): number {
    return this.#child.pid
  }

  counters(): Promise<Message> {
    this.#child.say('stats')
    return this.#child.next('stats', answerTimeoutMs)
  }

  /** A command of this server's own; its answer is the event of that name. */
  ask(command: string, event: string, timeoutMs = answerTimeoutMs): Promise<Message> {
    this.#child.say(command)
    return this.#child.next(event, timeoutMs)
  }

  /** Collects garbage where there is any, and returns the counters. */
  collect(): Promise<Message> {
    this.#child.say('gc')
    return this.#child.next('stats', answerTimeoutMs)
  }

  /** Waits until it has accepted and closed exactly so many; more than that throws at once. */
  async reaches(accepted: number, closed: number, timeoutMs = 10_000): Promise<Message> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const counters = await this.counters()
      const have = { accepted: figure(counters, 'accepted'), closed: figure(counters, 'closed') }
      if (have.accepted === accepted && have.closed === closed) return counters
      const excess = have.accepted > accepted || have.closed > closed
      if (excess || Date.now() > deadline) {
        const want = `accepted ${accepted} and closed ${closed}`
        throw new Error(`expected ${want}, counted ${have.accepted} and ${have.closed}`)
      }
      await sleep(10)
    }
  }
}
