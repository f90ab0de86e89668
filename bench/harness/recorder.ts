import type { MicroResult } from '../micro/suite.js'
import type { Environment } from './environment.js'
import type { Judgement } from './judging.js'
import type { Skip } from './requirements.js'
import { type BenchRun, type Results, resultsFormat } from './results.js'
import { Samples } from './samples.js'

export interface Planned {
  readonly name: string
  readonly title: string
  readonly rounds: number
}

export interface Head {
  readonly command: readonly string[]
  readonly quick: boolean
  readonly environment: Environment
  readonly skipped: readonly Skip[]
}

/** What is known of a run so far; its results at any moment are a value of their own. */
export class Recorder {
  readonly samples = new Samples()
  readonly #head: Head
  readonly #benches: Map<string, BenchRun>
  readonly #beganMs = new Map<string, number>()
  readonly #judgements: Judgement[] = []
  readonly #micro: MicroResult[] = []

  constructor(head: Head, plan: readonly Planned[]) {
    this.#head = head
    this.#benches = new Map(
      plan.map((planned) => [planned.name, { ...planned, state: 'waiting', seconds: 0 }]),
    )
  }

  /** From here on it counts as partial, until it is complete or has failed. */
  begin(name: string): void {
    this.#beganMs.set(name, performance.now())
    this.#change(name, { state: 'partial' })
  }

  /** What of it is under way. */
  step(name: string, step: string): void {
    this.#change(name, { step })
  }

  complete(name: string, judgements: readonly Judgement[]): void {
    this.#judgements.push(...judgements)
    this.#change(name, { state: 'complete' })
  }

  fail(name: string, error: unknown): void {
    this.#change(name, { state: 'failed', error: reasons(error) })
  }

  addMicro(results: readonly MicroResult[]): void {
    this.#micro.push(...results)
  }

  results(state: Results['state']): Results {
    for (const [name, { state }] of this.#benches) if (state === 'partial') this.#change(name, {})
    return {
      format: resultsFormat,
      state,
      ...this.#head,
      benches: [...this.#benches.values()],
      samples: this.samples.all,
      judgements: this.#judgements,
      micro: this.#micro,
    }
  }

  /** How a run that was not interrupted ended. */
  get outcome(): 'complete' | 'failed' {
    return [...this.#benches.values()].some(({ state }) => state === 'failed')
      ? 'failed'
      : 'complete'
  }

  #change(name: string, change: Partial<BenchRun>): void {
    const before = this.#benches.get(name)
    const beganMs = this.#beganMs.get(name)
    if (before === undefined || beganMs === undefined) throw new Error(`${name} was not begun`)
    const seconds = Math.round((performance.now() - beganMs) / 100) / 10
    const { step, ...after } = { ...before, seconds, ...change }
    // Of one that is over, there is none.
    const isUnderWay = after.state === 'partial' && step !== undefined
    this.#benches.set(name, isUnderWay ? { ...after, step } : after)
  }
}

/** The messages of an error and of what caused it, outermost first. */
export function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${reasons(error.cause)}`
}
