/** How long a bench is expected to take, before anything is known about this machine. */
export interface Expected {
  readonly name: string
  readonly seconds: number
}

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Tells what runs, how far the run is and how much of it is left; reads the clock at steps only. */
export class Progress {
  readonly #plan: readonly Expected[]
  readonly #output: Output
  readonly #nowMs: () => number
  readonly #beganMs: number
  // Of everything that is done: what it took, and what it was expected to take.
  #spentSeconds = 0
  #foreseenSeconds = 0
  #at = -1
  #steps = 0
  #stepsDone = 0
  /** Of the step that is under way. */
  #shareDone = 0
  #where = ''
  #benchBeganMs: number
  #lineOpen = false

  constructor(plan: readonly Expected[], output: Output, nowMs: () => number = Date.now) {
    this.#plan = plan
    this.#output = output
    this.#nowMs = nowMs
    this.#beganMs = nowMs()
    this.#benchBeganMs = this.#beganMs
  }

  /** The benches come in the order of the plan. */
  beginBench(steps: number): void {
    this.#at++
    this.#steps = steps
    this.#stepsDone = 0
    this.#shareDone = 0
    this.#benchBeganMs = this.#nowMs()
  }

  beginStep(where: string): void {
    this.#where = `${where} (${this.#stepsDone + 1} of ${this.#steps})`
    this.#tell(this.#where)
  }

  /** What runs within the step, of which `share` is done. */
  within(what: string, share: number): void {
    this.#shareDone = share
    this.#tell(`${this.#where}, ${what}`)
  }

  #tell(where: string): void {
    const step = `${this.#plan[this.#at]?.name}: ${where}`
    const elapsed = clock((this.#nowMs() - this.#beganMs) / 1000)
    const left = clock(this.secondsLeft())
    this.note(
      `${step}; bench ${this.#at + 1} of ${this.#plan.length}, ${elapsed} gone, about ${left} left`,
    )
  }

  endStep(): void {
    this.#stepsDone++
    this.#shareDone = 0
  }

  endBench(): void {
    this.#spentSeconds += this.#benchSeconds()
    this.#foreseenSeconds += this.#plan[this.#at]?.seconds ?? 0
    this.#steps = 0
  }

  /** One line; on a terminal the next one takes its place. */
  note(text: string): void {
    if (this.#output.isTTY !== true) {
      this.#output.write(`${text}\n`)
      return
    }
    const columns = this.#output.columns ?? 80
    this.#output.write(`\r\x1b[K${text.slice(0, columns - 1)}`)
    this.#lineOpen = true
  }

  /** Before anything else is written to the terminal. */
  clear(): void {
    if (this.#lineOpen) this.#output.write('\r\x1b[K')
    this.#lineOpen = false
  }

  /** Expectations, multiplied by what those so far were wrong by. */
  secondsLeft(): number {
    const current = this.#steps > 0 ? (this.#plan[this.#at]?.seconds ?? 0) : 0
    const share = this.#steps === 0 ? 0 : (this.#stepsDone + this.#shareDone) / this.#steps
    // In the middle of a step there is nothing to compare with.
    const spent = this.#spentSeconds + (share > 0 ? this.#benchSeconds() : 0)
    const foreseen = this.#foreseenSeconds + current * share
    const factor = foreseen === 0 ? 1 : spent / foreseen
    const later = this.#plan.slice(this.#at + 1).reduce((sum, { seconds }) => sum + seconds, 0)
    return (current * (1 - share) + later) * factor
  }

  #benchSeconds(): number {
    return (this.#nowMs() - this.#benchBeganMs) / 1000
  }
}

/** 725 s as 12:05. */
function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
