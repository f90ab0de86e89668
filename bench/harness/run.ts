import { inspect } from 'node:util'
import type { RunArguments } from './arguments.js'
import { buildNative, buildServers, missingTools } from './build.js'
import { endAllChildren } from './child.js'
import * as contestants from './contestants.js'
import type { Bench, Context } from './context.js'
import { chooseCores, pinHarness } from './cores.js'
import { recordEnvironment } from './environment.js'
import { firstSignal } from './interruption.js'
import { judge } from './judging.js'
import { noiseNote } from './noise.js'
import { choose, expectedSeconds, isMicro, type Part, roundsOf } from './parts.js'
import { describeSkips, isSkipped, preflight } from './preflight.js'
import { Progress } from './progress.js'
import { Recorder } from './recorder.js'
import { thisMachine } from './requirements.js'
import type { Results } from './results.js'
import { outputBase, writeResults } from './results-file.js'
import { runBench } from './run-bench.js'
import { figuresTable, judgementTable } from './table.js'

/** A child that does not end by itself is killed after it, and a bench has as long to clean up. */
const endingMs = 2000

/** What ends a run before its end: not a failure of any bench. */
class Interrupted extends Error {}

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
  const benches = parts.map(({ bench }) => bench).filter((bench): bench is Bench => !isMicro(bench))
  const skipped = preflight(benches, args.quick, thisMachine())
  process.stderr.write(describeSkips(skipped))

  const plan = parts.map((part) => {
    const { name, title } = part.bench
    const rounds = isMicro(part.bench) ? 1 : roundsOf(part, args.rounds, args.quick)
    return { name, title, rounds, seconds: expectedSeconds(part, rounds, args.quick) }
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
    buildNative()
    buildServers()
    pinHarness(cores)
    for (const [at, { bench }] of parts.entries()) {
      const context: Context = {
        cores,
        rounds: plan[at]?.rounds ?? 1,
        quick: args.quick,
        samples: recorder.samples,
        taking: new Set(args.servers ?? contestants.all.map(({ name }) => name)),
        runs: (name, scenario) => !isSkipped(skipped, name, scenario),
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

interface Running {
  readonly recorder: Recorder
  readonly progress: Progress
  readonly save: (state: Results['state']) => Results
  /** Rejects when the run is to end. */
  readonly interrupted: Promise<never>
}

/** A bench that fails is recorded, and the others go on. */
async function runPart(bench: Part['bench'], context: Context, running: Running): Promise<void> {
  const { recorder, progress, save, interrupted } = running
  const around = async (where: string, measure: () => Promise<void>): Promise<void> => {
    progress.beginStep(where)
    const measured = measure()
    try {
      await Promise.race([interrupted, measured])
    } catch (error) {
      if (!(error instanceof Interrupted)) throw new Error(where, { cause: error })
      await unwind(measured)
      throw error
    }
    progress.endStep()
    save('running')
  }
  recorder.begin(bench.name)
  try {
    if (isMicro(bench)) {
      progress.beginBench(1)
      await around('operations in this process', async () => {
        progress.clear()
        recorder.addMicro(bench.measureMicro(context.quick))
      })
    } else {
      await runBench(bench, context, { begin: (steps) => progress.beginBench(steps), around })
    }
    const judgements = context.quick ? [] : judge(recorder.samples, bench.name, context.runs)
    recorder.complete(bench.name, judgements)
  } catch (error) {
    if (error instanceof Interrupted) throw error
    progress.clear()
    console.error(`${bench.name} failed: ${inspect(error)}`)
    recorder.fail(bench.name, error)
  }
  progress.endBench()
  progress.clear()
  if (!isMicro(bench)) console.log(`${figuresTable(bench, recorder.samples)}\n`)
  save('running')
}

/** Ends the children of what is under way, and lets it clean up behind itself. */
async function unwind(measured: Promise<void>): Promise<void> {
  await endAllChildren(endingMs)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, endingMs)
  })
  // That it fails without its children says nothing.
  await Promise.race([measured.catch(() => {}), late])
  clearTimeout(timer)
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
    quick ? 'a smoke run: no figure was judged' : judgementTable(judgements),
  ]
  return lines.filter((line) => line !== '').join('\n')
}
