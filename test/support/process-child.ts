import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { atTestEnd } from './process-scope.js'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** The Io under test: vitest.config.ts runs each file once per kind. */
export const io = process.env.HOLDFAST_IO === 'uv' ? 'uv' : 'epoll'

const WITHOUT_LEAK_CHECK = {
  ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0`,
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** How a process ends that had nothing to complain of. */
export const WELL = { code: 0, signal: null, stderr: '' } as const

interface Waiter {
  matches: (line: string) => boolean
  resolve: (line: string) => void
  reject: (error: Error) => void
}

export interface ChildOptions {
  /** What runs the arguments. Default: this node. */
  program?: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Where it runs. Default: the root of the project. */
  cwd?: string
  /** Most descriptors the process may have. Node itself takes about 25. */
  descriptorsMax?: number
  /**
   * It ends by process.exit() or an uncaught exception: Node then leaves its own memory to the
   * system, and under a sanitizer that would be reported as leaked.
   */
  abrupt?: boolean
}

/** A process under test, of Node unless it is told otherwise. Whatever happens, it is gone when the test has finished. */
export class Child {
  readonly process: ChildProcess
  readonly pid: number
  /** Settles when the process has gone and all of its output was read. */
  readonly ended: Promise<Ended>
  #stdout = ''
  #stderr = ''
  #partial = ''
  /** Lines of stdout that no call of line() has looked at. */
  #unseen: string[] = []
  #waiters: Waiter[] = []
  #gone = false

  constructor(args: readonly string[], options: ChildOptions = {}) {
    const { program = [process.execPath], env, cwd = root } = options
    const { descriptorsMax, abrupt = false } = options
    const command = [...program, ...args]
    if (descriptorsMax !== undefined) {
      command.unshift('sh', '-c', `ulimit -n ${descriptorsMax} && exec "$0" "$@"`)
    }
    this.process = spawn(command[0] as string, command.slice(1), {
      cwd,
      env: { ...process.env, ...(abrupt ? WITHOUT_LEAK_CHECK : {}), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // A process that ends early closes its end of the pipe; `ended` tells the story better.
    this.process.stdin?.on('error', () => {})
    this.pid = this.process.pid ?? 0
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject)
      this.process.on('close', (code, signal) => {
        this.#gone = true
        this.#rejectWaiters()
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
    atTestEnd(async () => {
      this.process.kill('SIGKILL')
      await this.ended
    })
  }

  get stderr(): string {
    return this.#stderr
  }

  /** All lines of stdout so far. */
  get lines(): string[] {
    return this.#stdout.split('\n').slice(0, -1)
  }

  /** The next line of stdout that matches; those before it are passed over. */
  line(matches: (line: string) => boolean = () => true): Promise<string> {
    const at = this.#unseen.findIndex(matches)
    if (at >= 0) {
      const found = this.#unseen[at] as string
      this.#unseen = this.#unseen.slice(at + 1)
      return Promise.resolve(found)
    }
    this.#unseen = []
    return new Promise((resolve, reject) => {
      this.#waiters.push({ matches, resolve, reject })
      if (this.#gone) {
        this.#rejectWaiters()
      }
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  #read(text: string): void {
    this.#stdout += text
    const lines = (this.#partial + text).split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) {
      const at = this.#waiters.findIndex(({ matches }) => matches(line))
      if (at >= 0) {
        this.#waiters.splice(at, 1)[0]?.resolve(line)
      } else if (this.#waiters.length === 0) {
        this.#unseen.push(line)
      }
    }
  }

  #rejectWaiters(): void {
    const heard = `stdout: ${this.#stdout}\nstderr: ${this.#stderr}`
    for (const { reject } of this.#waiters.splice(0)) {
      reject(new Error(`the process ended without the line that was waited for\n${heard}`))
    }
  }
}
