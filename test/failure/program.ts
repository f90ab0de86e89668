import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TOOL_ENV } from './command.js'
import type { Place, Topology } from './topology.js'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** One line of a program's stdout. `at`: milliseconds of CLOCK_MONOTONIC. */
export interface ProgramEvent {
  event: string
  at: number
  [field: string]: unknown
}

interface Waiter {
  matches: (event: ProgramEvent) => boolean
  resolve: (event: ProgramEvent | null) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

const ANSWER_MS_MAX = 15_000

/** A program in a namespace: commands on its stdin and events on its stdout, as lines of JSON. */
export class Program {
  readonly pid: number
  readonly events: ProgramEvent[] = []
  readonly #child: ChildProcess
  readonly #name: string
  readonly #gone: Promise<void>
  #ended: string | null = null
  #stderr = ''
  #waiters: Waiter[] = []

  constructor(topology: Topology, place: Place, name: string, args: readonly string[]) {
    this.#name = `${place}: ${name}`
    this.#child = spawn('nsenter', [...topology.enter(place), name, ...args], {
      cwd: root,
      env: TOOL_ENV,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.pid = this.#child.pid ?? 0
    // A program that has ended closes its end; the wait for its answer says so.
    this.#child.stdin?.on('error', () => {})
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line))
    }
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#end(error.message, resolve))
      this.#child.on('close', (code, signal) => this.#end(`ended (${signal ?? code})`, resolve))
    })
  }

  send(order: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`)
  }

  /** Sends an order and waits for the event that answers it: `done` with its name. */
  async order(order: { do: string; [field: string]: unknown }): Promise<ProgramEvent> {
    const answer = this.next(({ event, what }) => event === 'done' && what === order.do)
    this.send(order)
    return answer
  }

  /** The first event of this name, also when it has been already. */
  first(name: string): Promise<ProgramEvent> {
    const matches = ({ event }: ProgramEvent): boolean => event === name
    const found = this.events.find(matches)
    return found === undefined ? this.next(matches) : Promise.resolve(found)
  }

  /** The same; null when there was none in that time. */
  async firstWithin(name: string, withinMs: number): Promise<ProgramEvent | null> {
    const matches = ({ event }: ProgramEvent): boolean => event === name
    const found = this.events.find(matches)
    return found ?? (await this.#await(matches, withinMs))
  }

  /** @throws Error when the program ends, or nothing matches within 15 s */
  async next(matches: (event: ProgramEvent) => boolean): Promise<ProgramEvent> {
    const event = await this.#await(matches, ANSWER_MS_MAX)
    if (event === null) throw this.#failure(`gave no answer within ${ANSWER_MS_MAX} ms`)
    return event
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends the program at once, and waits for that. A stopped one too. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  #await(
    matches: (event: ProgramEvent) => boolean,
    withinMs: number,
  ): Promise<ProgramEvent | null> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((waiter) => waiter.timer !== timer)
        resolve(null)
      }, withinMs)
      this.#waiters.push({ matches, resolve, reject, timer })
      if (this.#ended !== null) this.#refuse()
    })
  }

  #take(line: string): void {
    const event = JSON.parse(line) as ProgramEvent
    this.events.push(event)
    for (const waiter of this.#waiters.filter(({ matches }) => matches(event))) {
      this.#waiters = this.#waiters.filter((other) => other !== waiter)
      clearTimeout(waiter.timer)
      waiter.resolve(event)
    }
  }

  #end(how: string, done: () => void): void {
    this.#ended ??= how
    this.#refuse()
    done()
  }

  #refuse(): void {
    for (const { reject, timer } of this.#waiters.splice(0)) {
      clearTimeout(timer)
      reject(this.#failure(this.#ended ?? 'ended'))
    }
  }

  #failure(what: string): Error {
    const said = this.events.map((event) => JSON.stringify(event)).join('\n')
    return new Error(`${this.#name} ${what}\n${said}\n${this.#stderr}`)
  }
}
