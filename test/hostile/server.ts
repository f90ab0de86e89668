import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { ListenOptions, ServerCounters } from '../../lib/index.js'
import { conservationProblem } from '../support/conservation.js'
import { type ChildOptions, io, WELL } from '../support/process-child.js'
import { startNode, type Talker } from './talker.js'

export type ServerOrder = Partial<Omit<ListenOptions, 'handler' | 'port' | 'io'>>

/** What the server knows, and what it was told, each way it is told. */
export interface Report {
  counters: ServerCounters
  told: { opens: number; closes: number; hooks: number; completions: number; refused: number }
  /** By reason and code: 'peer-reset ECONNRESET'. */
  ends: Record<string, number>
  problems: string[]
  /** To everybody who has joined. */
  broadcasts: number
  /** The longest silence after which a peer was found dead. */
  detectedMsMost: number
  /** Of all connections together, received and not yet a line. */
  partialBytesMost: number
  /** Of one connection, written and not yet taken by the kernel. */
  queuedBytesMost: number
}

// Between two looks at another process; what is waited for takes longer.
const POLL_MS = 20

/** programs/server.mjs on the Io under test. */
export class Server {
  readonly port: number
  readonly pid: number
  readonly #program: Talker
  readonly #descriptors: number

  constructor(program: Talker, port: number) {
    this.#program = program
    this.port = port
    this.pid = program.pid
    this.#descriptors = this.descriptors
  }

  /** How many the process has open, by proc(5). */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  tell(): Promise<Report> {
    return this.#program.order<Report>('tell')
  }

  /** It writes a line to every connection that has sent `later`. */
  speak(): Promise<Report> {
    return this.#program.order<Report>('speak')
  }

  /** The first report for which `holds`. Never resolves when none does: the test's time limit says so. */
  async until(holds: (report: Report) => boolean): Promise<Report> {
    for (;;) {
      const report = await this.tell()
      if (holds(report)) {
        return report
      }
      await delay(POLL_MS)
    }
  }

  /**
   * Closes it when all clients have left, and asserts what holds whatever was done to it: each
   * arrival is accepted or refused, each connection ended once, in every way it is told, no
   * descriptor is left, and the process ends by itself.
   */
  async close(): Promise<Report> {
    await this.until(({ counters }) => counters.open === 0)
    expect(this.descriptors).toBe(this.#descriptors)
    const report = await this.#program.order<Report>('close')
    const { counters, told, problems } = report
    const { accepted } = counters
    const refused = Object.values(counters.refused).reduce((sum, count) => sum + count, 0)
    expect(problems).toEqual([])
    expect(conservationProblem(counters)).toBeNull()
    expect(told).toEqual({
      opens: accepted,
      closes: accepted,
      hooks: accepted,
      completions: accepted,
      refused,
    })
    expect(await this.#program.ended).toMatchObject(WELL)
    return report
  }
}

export async function startServer(order: ServerOrder, options?: ChildOptions): Promise<Server> {
  const program = startNode('server.mjs', { io, ...order }, options)
  return new Server(program, await program.heard<number>('listening'))
}
