import type { MicroResult } from '../micro/suite.js'
import type { Environment } from './environment.js'
import type { Judgement } from './judging.js'
import type { Skip } from './requirements.js'
import type { Sample } from './samples.js'

/** What a run leaves behind, bench/results/DATE-HOST.json; valid at every moment of the run. */
export interface Results {
  readonly format: typeof resultsFormat
  /** `running` in a file: the run was killed. Its samples count all the same. */
  readonly state: 'running' | 'complete' | 'interrupted' | 'failed'
  readonly command: readonly string[]
  readonly quick: boolean
  readonly environment: Environment
  readonly benches: readonly BenchRun[]
  readonly skipped: readonly Skip[]
  readonly samples: readonly Sample[]
  readonly judgements: readonly Judgement[]
  readonly micro: readonly MicroResult[]
}

export const resultsFormat = 'holdfast-bench-1'

export interface BenchRun {
  readonly name: string
  readonly title: string
  readonly rounds: number
  /** `partial`: it was begun, and the run ended before it; some samples may be there. */
  readonly state: 'waiting' | 'partial' | 'complete' | 'failed'
  readonly seconds: number
  /** Of a partial one: what was under way. */
  readonly step?: string
  readonly error?: string
}
