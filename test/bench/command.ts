import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `npm run bench -- ...` without npm between, so that a signal goes to the command itself. */
export class BenchCommand {
  readonly process: ChildProcess
  readonly #closed: Promise<unknown[]>
  stdout = ''
  stderr = ''

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout?.on('data', (chunk) => {
      this.stdout += chunk
    })
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    this.#closed = once(this.process, 'close')
  }

  async status(): Promise<number | null> {
    const [code] = (await this.#closed) as [number | null]
    return code
  }

  /** For a test that gives up on it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGTERM')
    }
    await this.#closed
  }
}
