import type { Contestant } from './contestants.js'
import type { Cores } from './cores.js'
import { interleave } from './rounds.js'
import type { Samples } from './samples.js'

/** What every bench is given. */
export interface Context {
  readonly cores: Cores
  readonly rounds: number
  /** A smoke run: every count and checksum is asserted, no figure is judged. */
  readonly quick: boolean
  readonly samples: Samples
  /** The contestants that take part in this run; a bench picks those it knows. */
  readonly taking: ReadonlySet<string>
}

/** One column of a printed table: a figure of the samples and how it is shown. */
export interface Column {
  readonly figure: string
  readonly title: string
  readonly digits: number
  /** A second number after the median: its multiple of the first contestant's. */
  readonly relative?: boolean
}

export interface Bench {
  readonly name: string
  readonly contestants: readonly Contestant[]
  readonly columns: readonly Column[]
  measure(contestant: Contestant, round: number, context: Context): Promise<void>
}

/** Runs all rounds of a bench, the contestants interleaved, with a line of progress a sample. */
export async function runBench(bench: Bench, context: Context): Promise<void> {
  const taking = bench.contestants.filter(({ name }) => context.taking.has(name))
  const total = taking.length * context.rounds
  const begin = Date.now()
  let done = 0
  await interleave(context.rounds, taking, async (contestant, round) => {
    const leftMs = done === 0 ? undefined : ((Date.now() - begin) / done) * (total - done)
    const left = leftMs === undefined ? '' : `, ${Math.ceil(leftMs / 1000)} s left`
    const where = `round ${round + 1} of ${context.rounds}`
    process.stderr.write(
      `${bench.name}: ${where}, ${contestant.name} (${done + 1}/${total}${left})\n`,
    )
    try {
      await bench.measure(contestant, round, context)
    } catch (error) {
      throw new Error(`${bench.name}, ${where}, ${contestant.name}`, { cause: error })
    }
    done++
  })
}
