import { setImmediate } from 'node:timers/promises'
import Benchmark from 'benchmark'

/** A few operations that do the same job or belong together. */
export interface MicroSuite {
  readonly name: string
  readonly cases: Readonly<Record<string, () => unknown>>
  /** How many a call of a case does, by its name; 1 where it is not there. */
  readonly operations?: Readonly<Record<string, number>>
}

export interface MicroResult {
  readonly suite: string
  readonly name: string
  readonly nsPerOperation: number
  /** Of the mean over batches, at 95 % confidence. */
  readonly errorPercent: number
  readonly samples: number
}

/**
 * Runs the suites one after the other, and lets a signal be heard between two cases; throws what a
 * case throws. benchmark reports means of batches: a distribution does not come out of it.
 */
export async function runMicro(
  suites: readonly MicroSuite[],
  quick: boolean,
): Promise<MicroResult[]> {
  const results: MicroResult[] = []
  for (const suite of suites) {
    for (const [name, fn] of Object.entries(suite.cases)) {
      await setImmediate()
      results.push(runCase(suite, name, fn, quick))
    }
  }
  return results
}

// No setup or teardown functions: benchmark recompiles them from their source text, where the names
// of this module no longer mean anything.
function runCase(suite: MicroSuite, name: string, fn: () => unknown, quick: boolean): MicroResult {
  // Without a time of its own a batch takes 50 ms, five of which a smoke run has no use for.
  const times = quick ? { maxTime: 0.01, minTime: 0.001 } : { maxTime: 0.3 }
  const { stats, error } = new Benchmark(name, fn, { minSamples: 5, ...times }).run({
    async: false,
  })
  // A failing case is silent otherwise, and counts as measured.
  if (error) throw new Error(`micro suite ${suite.name}: ${name}`, { cause: error })
  return {
    suite: suite.name,
    name,
    nsPerOperation: (stats.mean * 1e9) / (suite.operations?.[name] ?? 1),
    errorPercent: stats.rme,
    samples: stats.sample.length,
  }
}
