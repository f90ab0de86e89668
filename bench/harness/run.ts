import type { RunArguments } from './arguments.js'
import { buildNative, buildServers, missingTools } from './build.js'
import * as contestants from './contestants.js'
import type { Bench, Context } from './context.js'
import { chooseCores, pinHarness } from './cores.js'
import { recordEnvironment } from './environment.js'
import { firstSignal, hearSignal, Interrupted } from './interruption.js'
import { noiseNote } from './noise.js'
import { outputBase, prepareOutput } from './output.js'
import { choose, expectedSeconds, isFull, isMicro, type Part, roundsOf } from './parts.js'
import { describeSkips, isSkipped, preflight, shareLeft } from './preflight.js'
import { Progress } from './progress.js'
import { Recorder } from './recorder.js'
import { thisMachine } from './requirements.js'
import type { Results } from './results.js'
import { writeResults } from './results-file.js'
import { runPart } from './run-part.js'
import { judgementTable } from './table.js'

export interface Outcome {
  readonly results: Results
  /** What the names of its files begin with; undefined where none is written. */
  readonly base: string | undefined
}

/** Runs what was chosen; undefined when this machine cannot, which was said then. */
export async function run(
  args: RunArguments,
  suite: readonly Part[],
  command: readonly string[],
): Promise<Outcome | undefined> {
  const parts = choose(suite, args.names, args.quick)
  const missing = missingTools(parts.map(({ bench }) => bench.name))
  if (missing !== undefined) {
    console.error(missing)
    return undefined
  }
  const cores = chooseCores()
  if (cores.server === cores.load && !args.quick) {
    console.error('one core only: the server and the load generator need one each')
    return undefined
  }
  const environment = recordEnvironment(cores)
  const base = args.quick && args.out === undefined ? undefined : outputBase(args.out, environment)
  if (base !== undefined) prepareOutput(base, args.force)
  const benches = parts.map(({ bench }) => bench).filter((bench): bench is Bench => !isMicro(bench))
  const skipped = preflight(benches, args.names, args.quick, thisMachine())
  process.stderr.write(describeSkips(skipped))

  const plan = parts.map((part) => {
    const { name, title } = part.bench
    const rounds = isMicro(part.bench) ? 1 : roundsOf(part, args.rounds, args.quick)
    const share = isMicro(part.bench) ? 1 : shareLeft(part.bench, args.names, args.quick, skipped)
    return { name, title, rounds, seconds: share * expectedSeconds(part, rounds, args) }
  })
  const recorder = new Recorder(
    { command, quick: args.quick, environment, skipped },
    plan.map(({ name, title, rounds }) => ({ name, title, rounds })),
  )
  const progress = new Progress(plan, process.stderr)
  const save = (state: Results['state']): Results => {
    const results = recorder.results(state)
    if (base !== undefined) writeResults(`${base}.json`, results)
    return results
  }
  const interrupted = firstSignal().then((signal) => {
    throw new Interrupted(signal)
  })
  // It may come while nothing waits for it; whatever begins afterwards hears of it at once.
  interrupted.catch(() => {})
  save('running')
  try {
    progress.note('building the programs in C and the servers')
    await build(interrupted)
    pinHarness(cores)
    for (const [at, { bench }] of parts.entries()) {
      const context: Context = {
        cores,
        rounds: plan[at]?.rounds ?? 1,
        quick: args.quick,
        full: isFull(bench, args.names),
        samples: recorder.samples,
        taking: new Set(args.servers ?? contestants.all.map(({ name }) => name)),
        runs: (name, scenario) => !isSkipped(skipped, name, scenario),
        tell: (what, share) => {
          progress.within(what, share)
          save('running')
        },
      }
      await runPart(bench, context, { recorder, progress, save, interrupted })
    }
  } catch (error) {
    progress.clear()
    if (!(error instanceof Interrupted)) {
      save('failed')
      throw error
    }
    console.error(`interrupted by ${error.message}`)
    return { results: save('interrupted'), base }
  }
  progress.clear()
  return { results: save(recorder.outcome), base }
}

async function build(interrupted: Promise<never>): Promise<void> {
  try {
    buildNative()
    buildServers()
  } catch (error) {
    await hearSignal(interrupted)
    throw error
  }
}

/** What the whole run comes to, on the terminal. */
export function describeOutcome({ samples, judgements, quick }: Results): string {
  const checksums = samples.flatMap(({ checksum }) => checksum ?? [])
  const lines = [
    ...(checksums.length === 0
      ? []
      : [
          `every echoed byte verified in ${checksums.length} samples; the last: ${checksums.at(-1)}`,
        ]),
    noiseNote(samples),
    quick ? 'a smoke run: no figure was judged' : '',
    judgements.length === 0 ? '' : judgementTable(judgements),
  ]
  return lines.filter((line) => line !== '').join('\n')
}
