import type { Bench, Context } from './context.js'
import { interleave, together } from './rounds.js'

/** Around each step of a bench: what is under way, and what comes after it. */
export interface Steps {
  /** Before the first one. */
  begin(steps: number): void
  around(where: string, measure: () => Promise<void>): Promise<void>
}

/** Runs all rounds of a bench. */
export async function runBench(bench: Bench, context: Context, steps: Steps): Promise<void> {
  const { rounds } = context
  const taking = bench.contestants.filter(({ name }) => context.taking.has(name))
  const nameOf = (round: number): string => `round ${round + 1} of ${rounds}`
  if (taking.length === 0) {
    steps.begin(0)
  } else if ('measureRound' in bench) {
    steps.begin(rounds)
    for (let round = 0; round < rounds; round++) {
      await steps.around(nameOf(round), () => bench.measureRound(taking, round, context))
    }
  } else if (context.quick && bench.quickTogether === true) {
    steps.begin(rounds)
    for (let round = 0; round < rounds; round++) {
      await steps.around(`${nameOf(round)}, all at once`, () =>
        together(taking.map((contestant) => bench.measure(contestant, round, context))),
      )
    }
  } else {
    steps.begin(taking.length * rounds)
    await interleave(rounds, taking, (contestant, round) =>
      steps.around(`${nameOf(round)}, ${contestant.name}`, () =>
        bench.measure(contestant, round, context),
      ),
    )
  }
}
