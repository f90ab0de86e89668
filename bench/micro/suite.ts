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
 * Runs the suites one after the other; throws what a case throws. benchmark reports means of
 * batches: a distribution does not come out of it.
 */
export function runMicro(suites: readonly MicroSuite[], quick: boolean): MicroResult[] {
  return suites.flatMap((suite) => runSuite(suite, quick))
}

// No setup or teardown functions: benchmark recompiles them from their source text, where the names
// of this module no longer mean anything.
function runSuite(suite: MicroSuite, quick: boolean): MicroResult[] {
  const results: MicroResult[] = []
  const failures: unknown[] = []
  const runner = new Benchmark.Suite(suite.name)
  for (const [name, fn] of Object.entries(suite.cases)) {
    // Without a time of its own a batch takes 50 ms, five of which a smoke run has no use for.
    runner.add(name, fn, {
      minSamples: 5,
      ...(quick ? { maxTime: 0.01, minTime: 0.001 } : { maxTime: 0.3 }),
    })
  }
  runner.on('cycle', ({ target }: { target: Benchmark }) => {
    results.push({
      suite: suite.name,
      name: target.name ?? '',
      nsPerOperation: (target.stats.mean * 1e9) / (suite.operations?.[target.name ?? ''] ?? 1),
      errorPercent: target.stats.rme,
      samples: target.stats.sample.length,
    })
  })
  // Without this listener a failing case is silent and counts as measured.
  runner.on('error', ({ target }: { target: Benchmark }) => failures.push(target.error))
  runner.run({ async: false })
  if (failures.length > 0) throw new AggregateError(failures, `micro suite ${suite.name} failed`)
  return results
}
