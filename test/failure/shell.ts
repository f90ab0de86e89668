import { type ChildProcess, spawn } from 'node:child_process'
import { TOOL_ENV } from './command.js'

// A process costs a big parent much more to start than a small one, and a cut has to be quick while
// twenty scenarios run: so each place has a shell, and commands are lines for it.

/** Ends the output of each command; followed by its exit status. */
const MARK = '\u0001end'

// No command takes longer than some hundredths of a second on an idle machine.
const COMMAND_MS_MAX = 15_000

interface Order {
  text: string
  resolve: (output: string) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

/** A shell in a namespace; its commands run one after the other. */
export class Shell {
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  #orders: Order[] = []
  #output = ''
  #ended: string | null = null

  /** `enter`: arguments of nsenter. */
  constructor(enter: readonly string[]) {
    const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe']
    this.#child = spawn('nsenter', [...enter, 'sh'], { env: TOOL_ENV, stdio })
    // Its end is told by 'close'.
    this.#child.stdin?.on('error', () => {})
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#end(error.message, resolve))
      this.#child.on('close', (code, signal) => this.#end(`ended (${signal ?? code})`, resolve))
    })
  }

  /**
   * Runs a command, with `input` on its stdin; resolves to what it printed.
   * @throws Error with what it printed when it fails or takes longer than 15 s
   */
  run(words: readonly string[], input?: string): Promise<string> {
    const text = words.map(quote).join(' ')
    const stdin =
      input === undefined ? '</dev/null' : `<<'HOLDFAST_INPUT'\n${input}\nHOLDFAST_INPUT`
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#end(`took longer than ${COMMAND_MS_MAX} ms for ${text}`, () => {})
        this.#child.kill('SIGKILL')
      }, COMMAND_MS_MAX)
      this.#orders.push({ text, resolve, reject, timer })
      if (this.#ended !== null) return this.#refuse()
      this.#child.stdin?.write(`${text} 2>&1 ${stdin}\nprintf '%s %d\\n' '${MARK}' $?\n`)
    })
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  #take(text: string): void {
    this.#output += text
    for (;;) {
      const match = new RegExp(`${MARK} (\\d+)\\n`).exec(this.#output)
      if (match === null) return
      const output = this.#output.slice(0, match.index)
      this.#output = this.#output.slice(match.index + match[0].length)
      const order = this.#orders.shift()
      clearTimeout(order?.timer)
      if (match[1] === '0') order?.resolve(output)
      else order?.reject(new Error(`${order.text}: ${output.trim()} (exit ${match[1]})`))
    }
  }

  #end(how: string, done: () => void): void {
    this.#ended ??= `the shell ${how}\n${this.#output}`
    this.#refuse()
    done()
  }

  #refuse(): void {
    for (const { text, reject, timer } of this.#orders.splice(0)) {
      clearTimeout(timer)
      reject(new Error(`${text}: ${this.#ended ?? ''}`))
    }
  }
}

function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
