import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Access, isolated } from './access.js'
import { TOOL_ENV } from './command.js'
import type { Answer, Request } from './laboratory.js'
import type { Family, IoKind, Result } from './scenario.js'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** The path of the laboratory in the project, and what node needs to run it. */
const LABORATORY = ['--import', 'tsx', 'test/failure/laboratory.ts']

interface Waiter {
  resolve: (result: Result) => void
  reject: (error: Error) => void
}

/** A laboratory at work: the process in its namespaces, asked from outside. */
export class Laboratory {
  /** Of the first process; the laboratory and all it starts descend from it. */
  readonly pid: number
  readonly #child: ChildProcess
  readonly #waiters = new Map<number, Waiter>()
  readonly #runs = new Map<string, Promise<Result>>()
  readonly #gone: Promise<void>
  #stderr = ''
  #ended: Error | null = null
  #asked = 0

  /** `wrap` puts another command around the laboratory's: one that gives up privileges, for example. */
  constructor(access: Access, wrap: (command: string[]) => string[] = (command) => command) {
    const [name = '', ...args] = wrap(isolated(access, [process.execPath, ...LABORATORY]))
    this.#child = spawn(name, args, { cwd: root, env: TOOL_ENV, stdio: ['pipe', 'pipe', 'pipe'] })
    this.pid = this.#child.pid ?? 0
    // Its end is told by 'close', with what it said on stderr.
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

  /**
   * The result of a scenario. It runs once however often it is asked for: a control serves all the
   * scenarios that name it.
   * @throws Error when the laboratory itself failed
   */
  run(scenario: string, io: IoKind, family: Family): Promise<Result> {
    const key = `${scenario} ${io} ${family}`
    const running = this.#runs.get(key) ?? this.#request({ scenario, io, family })
    this.#runs.set(key, running)
    return running
  }

  /** Ends it at once, with all it had started. */
  async close(): Promise<void> {
    this.#child.stdin?.end()
    await this.#gone
  }

  #request(wanted: Omit<Request, 'id'>): Promise<Result> {
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject })
      if (this.#ended !== null) return this.#refuse(this.#ended)
      this.#child.stdin?.write(`${JSON.stringify({ id, ...wanted } satisfies Request)}\n`)
    })
  }

  #take(line: string): void {
    const answer = JSON.parse(line) as Answer
    const waiter = this.#waiters.get(answer.id)
    this.#waiters.delete(answer.id)
    if ('result' in answer) waiter?.resolve(answer.result)
    else waiter?.reject(new Error(answer.error))
  }

  #end(how: string, done: () => void): void {
    this.#ended ??= new Error(`the laboratory ${how}\n${this.#stderr}`)
    this.#refuse(this.#ended)
    done()
  }

  #refuse(error: Error): void {
    for (const { reject } of this.#waiters.values()) reject(error)
    this.#waiters.clear()
  }
}
