import type { Contestant } from './contestants.js'
import type { Cores } from './cores.js'
import type { Requirement } from './requirements.js'
import type { Samples } from './samples.js'

/** What every bench is given. */
export interface Context {
  readonly cores: Cores
  readonly rounds: number
  /** A smoke run: every count and checksum is asserted, no figure is judged. */
  readonly quick: boolean
  /** The bench was asked for by name: all of its scenarios, however long they take. */
  readonly full: boolean
  readonly samples: Samples
  /** The contestants that take part in this run; a bench picks those it knows. */
  readonly taking: ReadonlySet<string>
  /** False for a scenario whose requirements this machine does not meet: it is marked as skipped. */
  runs(bench: string, scenario: string): boolean
  /** For rounds of minutes: what comes next, with `share` of the round done; what there is is saved. */
  tell(what: string, share: number): void
}

/** One column of a printed table: a figure of the samples and how it is shown. */
export interface Column {
  readonly figure: string
  readonly title: string
  readonly digits: number
  /** A second number after the median: its multiple of the first contestant's. */
  readonly relative?: boolean
}

interface Case {
  readonly name: string
  /** What it measures, in one line: the heading of its part of the report. */
  readonly title: string
  /** The scenarios that take more of the machine than any Linux with two cores has. */
  requirements?(quick: boolean, full: boolean): readonly Requirement[]
  readonly contestants: readonly Contestant[]
  readonly columns: readonly Column[]
}

/** A round has every contestant once, one after the other. */
export interface SerialBench extends Case {
  /** In a smoke run all contestants at once: most of its time they wait. */
  readonly quickTogether?: boolean
  measure(contestant: Contestant, round: number, context: Context): Promise<void>
}

/** All contestants run through a whole round and take turns in it. */
export interface TurnsBench extends Case {
  measureRound(contestants: readonly Contestant[], round: number, context: Context): Promise<void>
}

export type Bench = SerialBench | TurnsBench
