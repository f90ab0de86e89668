import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** One JSON line of a child: what happened, and figures or texts that belong to it. */
export type Message = Readonly<Record<string, unknown>> & { readonly event: string }

const running = new Set<Child>()

// Whatever ends the harness, no child outlives it; each is ended by its own pid.
process.on('exit', () => {
  for (const child of running) child.kill()
})

let ending = false

/** Ends every child and lets no other start: whatever waits for one fails, and unwinds. */
export async function endAllChildren(timeoutMs: number): Promise<void> {
  ending = true
  await Promise.all([...running].map((child) => child.end(timeoutMs)))
}

/** A server or a load generator: JSON lines out, one-word lines in, every wait bounded. */
export class Child {
  readonly #name: string
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #messages: Message[] = []
  readonly #closed: Promise<void>
  #stderr = ''
  #ended: string | undefined
  #wake: (() => void) | undefined

  constructor(name: string, command: readonly string[]) {
    const [program, ...args] = command
    if (program === undefined) throw new Error(`${name}: empty command`)
    if (ending) throw new Error(`${name}: not started, the run is being ended`)
    this.#name = name
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    running.add(this)
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#take(line))
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000)
      this.#wake?.()
    })
    // The other side of a pipe to a child that has ended: its exit status tells more.
    this.#process.stdin.on('error', () => {})
    this.#closed = new Promise((resolve) => {
      const finish = (how: string) => {
        this.#ended ??= how
        running.delete(this)
        this.#wake?.()
        resolve()
      }
      this.#process.on('error', (error) => finish(error.message))
      this.#process.on('close', (code, signal) => finish(signal ?? `status ${code}`))
    })
  }

  get pid(): number {
    const { pid } = this.#process
    if (pid === undefined) throw new Error(`${this.#name} did not start`)
    return pid
  }

  say(line: string): void {
    this.#process.stdin.write(`${line}\n`)
  }

  /** The next message, which must be of this kind. */
  next(event: string, timeoutMs: number): Promise<Message> {
    return this.nextOf([event], timeoutMs)
  }

  /** The next message, which must be of one of these kinds. */
  async nextOf(events: readonly string[], timeoutMs: number): Promise<Message> {
    const event = events.join('" or "')
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined && events.includes(message.event)) return message
      if (message !== undefined) {
        const got = `expected "${event}", got "${message.event}"`
        throw new Error(`${this.#name}: ${got}: ${JSON.stringify(message)}`)
      }
      if (this.#ended !== undefined) throw new Error(this.#obituary(event))
      const leftMs = deadline - Date.now()
      if (leftMs <= 0) throw new Error(`${this.#name}: no "${event}" within ${timeoutMs} ms`)
      await this.#news(leftMs)
    }
  }

  /** Waits until it has said this on stderr. */
  async hears(text: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!this.#stderr.includes(text)) {
      if (this.#ended !== undefined) throw new Error(this.#obituary(text))
      const leftMs = deadline - Date.now()
      if (leftMs <= 0) {
        const said = this.#stderr.trim()
        throw new Error(`${this.#name}: not "${text}" within ${timeoutMs} ms: ${said}`)
      }
      await this.#news(leftMs)
    }
  }

  /**
   * Ends the child's stdin, which asks it to end, or sends it a signal besides; kills it when it
   * does not within the time.
   */
  async end(timeoutMs = 5000, signal?: NodeJS.Signals): Promise<void> {
    this.#process.stdin.end()
    if (signal !== undefined) this.#process.kill(signal)
    const timer = setTimeout(() => this.kill(), timeoutMs)
    await this.#closed
    clearTimeout(timer)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  #take(line: string): void {
    try {
      this.#messages.push(JSON.parse(line) as Message)
    } catch {
      this.#messages.push({ event: 'unreadable', line })
    }
    this.#wake?.()
  }

  #news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      this.#wake = wake
    })
  }

  #obituary(event: string): string {
    const said = this.#stderr.trim()
    return `${this.#name} ended (${this.#ended}) before "${event}"${said === '' ? '' : `: ${said}`}`
  }
}

/** A figure of a message; throws when it is not there, so that a typo is never a zero. */
export function figure(message: Message, name: string): number {
  const value = message[name]
  if (typeof value !== 'number')
    throw new Error(`"${name}" is missing in ${JSON.stringify(message)}`)
  return value
}
