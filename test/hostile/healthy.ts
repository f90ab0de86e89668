import { expect } from 'vitest'
import { type ChildOptions, WELL } from '../support/process-child.js'
import { startNode, type Talker } from './talker.js'

// A loaded machine of two cores serves 5,000 of them in a fraction of this.
const SERVED_MS_MAX = 30_000

export interface Served {
  /** Of all of them since the beginning. */
  exchanges: number
  /** The longest that one of them has waited for an answer so far. */
  slowestMs: number
}

/** Clients that ask and are answered, in a process of their own; one that is lost ends it. */
export class Healthy {
  readonly #program: Talker
  #rounds = 0

  constructor(program: Talker) {
    this.#program = program
  }

  /** Resolves when each of them has had an exchange that began after this call. */
  async served(): Promise<Served> {
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not all healthy clients were served within ${SERVED_MS_MAX} ms`)),
        SERVED_MS_MAX,
      )
      timer.unref()
    })
    const served = await Promise.race([this.#program.order<Served>('served'), late])
    this.#rounds++
    return served
  }

  /** Asks for that again and again until `attack` is over; at least once. */
  async servedDuring<Outcome>(attack: Promise<Outcome>): Promise<Outcome> {
    let over = false
    const ended = attack.finally(() => {
      over = true
    })
    // Whoever fails first is told; the other's failure is no unhandled one.
    ended.catch(() => {})
    do {
      await this.served()
    } while (!over)
    return ended
  }

  /** All of them end as they should, and none was lost. */
  async leave(): Promise<void> {
    expect(this.#rounds).toBeGreaterThan(0)
    await this.#program.order('leave')
    expect(await this.#program.ended).toMatchObject(WELL)
  }
}

export interface HealthyOptions {
  host?: string
  clients?: number
  /** From an answer to the next question, at least. */
  pauseMs?: number
}

/** Resolves when each of them was served for the first time. */
export async function startHealthy(
  port: number,
  { host = '127.0.0.1', clients = 50, pauseMs = 10 }: HealthyOptions = {},
  options?: ChildOptions,
): Promise<Healthy> {
  const program = startNode('healthy.mjs', { host, port, clients, pauseMs }, options)
  expect(await program.heard<number>('connected')).toBe(clients)
  return new Healthy(program)
}
