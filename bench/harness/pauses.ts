import { figure, type Message } from './child.js'
import type { Contestant } from './contestants.js'
import type { Server } from './server.js'

const nsPerMs = 1e6

/** What garbage collection took of the windows of a sample; of a server without any, nothing is told. */
export class Pauses {
  readonly #server: Server | undefined
  #durationsMs: number[] = []

  constructor(contestant: Contestant, server: Server) {
    this.#server = contestant.tellsPauses ? server : undefined
  }

  /** Before a window: what came before does not count. */
  async begin(): Promise<void> {
    await this.#server?.ask('pauses', 'pauses')
  }

  /** After it: those that began while it was open. */
  async take(window: Message): Promise<void> {
    if (this.#server === undefined) return
    const fromMs = figure(window, 'beganAtNs') / nsPerMs
    const untilMs = fromMs + figure(window, 'wallNs') / nsPerMs
    const { pauses } = await this.#server.ask('pauses', 'pauses')
    for (const [beganAtMs, durationMs] of pauses as [number, number][]) {
      if (beganAtMs >= fromMs && beganAtMs < untilMs) this.#durationsMs.push(durationMs)
    }
  }

  /** Of all windows since the last time. */
  hand(): Record<string, number> {
    if (this.#server === undefined) return {}
    const durationsMs = this.#durationsMs
    this.#durationsMs = []
    return {
      gcPauses: durationsMs.length,
      gcPauseMsTotal: durationsMs.reduce((total, ms) => total + ms, 0),
      gcPauseMsMax: Math.max(0, ...durationsMs),
    }
  }
}
