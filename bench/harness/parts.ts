import type { MicroResult } from '../micro/suite.js'
import type { Bench } from './context.js'

/** The operations that are measured in this very process: no contestants, no rounds, no samples. */
export interface MicroBench {
  readonly name: string
  readonly title: string
  measureMicro(quick: boolean): MicroResult[]
}

/** One line of the suite. */
export interface Part {
  readonly bench: Bench | MicroBench
  /** Unless --rounds is given. */
  readonly rounds: number
  /** What a round takes on two quiet cores, for the time left. */
  readonly secondsPerRound: number
  /** Without names; for `all`; only when it is named. A smoke run without names has them all. */
  readonly runs: 'standard' | 'all' | 'named'
}

/** A smoke run's bench, with its servers started and its counts asserted. */
const quickSeconds = 5

export function isMicro(bench: Part['bench']): bench is MicroBench {
  return 'measureMicro' in bench
}

/** The names a part of the suite is chosen by: none, `all`, or benches. In the order of the suite. */
export function choose(
  suite: readonly Part[],
  names: readonly string[],
  quick: boolean,
): readonly Part[] {
  if (names.includes('all')) {
    return suite.filter(({ bench, runs }) => runs !== 'named' || names.includes(bench.name))
  }
  if (names.length > 0) return suite.filter(({ bench }) => names.includes(bench.name))
  return quick ? suite : suite.filter(({ runs }) => runs === 'standard')
}

export function roundsOf(part: Part, given: number | undefined, quick: boolean): number {
  return given ?? (quick ? 1 : part.rounds)
}

export function expectedSeconds(part: Part, rounds: number, quick: boolean): number {
  return (quick ? Math.min(quickSeconds, part.secondsPerRound) : part.secondsPerRound) * rounds
}
