import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** One system call of a traced process. */
export interface Call {
  thread: number
  /** When it was entered, in ms since 1970. */
  atMs: number
  name: string
  text: string
}

// SECONDS name(...; with several threads each line begins with [pid N]. A line "<... name resumed>"
// continues one that was seen before.
const callPattern = /^(?:\[pid\s+(\d+)\] )?(\d+\.\d+) (\w+)\((.*)/

/**
 * Why system calls cannot be watched here; empty when they can. Attaching to a process that is no
 * child of strace may be forbidden (ptrace(2), Yama) although strace itself is there.
 */
export async function straceMissing(): Promise<string> {
  const target = spawn('sleep', ['60'], { stdio: 'ignore' })
  try {
    const strace = await Strace.attach(target.pid ?? 0, { everyThread: false })
    await strace.detach()
    return ''
  } catch (error) {
    const reason = `system calls cannot be watched here: ${(error as Error).message}`
    process.stderr.write(`SKIPPED, ${reason}\n`)
    return reason
  } finally {
    target.kill('SIGKILL')
  }
}

/** strace attached to a running process: its witness. */
export class Strace {
  readonly pid: number
  readonly calls: Call[] = []
  readonly #process: ChildProcess
  #partial = ''

  private constructor(pid: number, args: readonly string[]) {
    this.pid = pid
    const options = ['-ttt', '-s', '16', ...args, '-p', String(pid)]
    this.#process = spawn('strace', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /**
   * `everyThread`: false watches the main thread alone. `args`: further options of strace(1), to
   * look at less or to make calls fail. Detach before the test ends.
   */
  static async attach(
    pid: number,
    { everyThread, args = [] }: { everyThread: boolean; args?: readonly string[] },
  ): Promise<Strace> {
    const strace = new Strace(pid, [...(everyThread ? ['-f'] : []), ...args])
    let heard = ''
    await new Promise<void>((resolve, reject) => {
      strace.#process.on('error', reject)
      strace.#process.on('close', () => reject(new Error(heard.trim())))
      strace.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
        strace.#read(text)
        heard += text
        if (heard.includes(' attached')) {
          resolve()
        }
      })
    })
    return strace
  }

  async detach(): Promise<Call[]> {
    this.#process.kill('SIGINT')
    await once(this.#process, 'close')
    return this.calls
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) {
      const [, thread, seconds, name, rest] = callPattern.exec(line) ?? []
      if (seconds !== undefined && name !== undefined) {
        const atMs = Number(seconds) * 1000
        this.calls.push({ thread: Number(thread ?? this.pid), atMs, name, text: `${name}(${rest}` })
      }
    }
  }
}

/** How often each system call was made. */
export function countCalls(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { name } of calls) {
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
