import type { MicroResult } from '../micro/suite.js'
import type { Bench } from './context.js'

/** The operations that are measured in this very process: no contestants, no rounds, no samples. */
export interface MicroBench {
  readonly name: string
  readonly title: string
  measureMicro(quick: boolean): Promise<MicroResult[]>
}

/** One line of the suite. */
export interface Part {
  readonly bench: Bench | MicroBench
  /** Unless --rounds is given. */
  readonly rounds: number
  /** What a round takes on two quiet cores, for the time left. */
  readonly secondsPerRound: number
  /** The same where the bench is named and has more to measure then. */
  readonly fullSecondsPerRound?: number
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

/** How long each takes by itself, and when it runs; a line each, for people. */
export function durations(suite: readonly Part[]): string[] {
  const width = Math.max(...suite.map(({ bench }) => bench.name.length))
  const when = { standard: 'standard suite', all: 'with all, or by its name', named: 'by its name' }
  return suite.map((part) => {
    const { bench, rounds, secondsPerRound, fullSecondsPerRound, runs } = part
    const each = `${rounds} x ${secondsPerRound} s`
    const full = fullSecondsPerRound === undefined ? '' : `, by its name ${fullSecondsPerRound} s`
    return `${bench.name.padEnd(width)}  ${`${each}${full}`.padEnd(34)}  ${when[runs]}`
  })
}

export function roundsOf(part: Part, given: number | undefined, quick: boolean): number {
  return given ?? (quick ? 1 : part.rounds)
}

/** Asked for by name: all of its scenarios, not only those that the standard suite has time for. */
export function isFull(bench: Part['bench'], names: readonly string[]): boolean {
  return names.includes('all') || names.includes(bench.name)
}

export function expectedSeconds(
  part: Part,
  rounds: number,
  { names, quick }: { names: readonly string[]; quick: boolean },
): number {
  const { secondsPerRound, fullSecondsPerRound = secondsPerRound } = part
  const seconds = isFull(part.bench, names) ? fullSecondsPerRound : secondsPerRound
  return (quick ? Math.min(quickSeconds, secondsPerRound) : seconds) * rounds
}
