import { inspect } from 'node:util'
import { endAllChildren } from './child.js'
import type { Context } from './context.js'
import { hearSignal, Interrupted, within } from './interruption.js'
import { judge } from './judging.js'
import { isMicro, type Part } from './parts.js'
import type { Progress } from './progress.js'
import type { Recorder } from './recorder.js'
import type { Results } from './results.js'
import { runBench } from './run-bench.js'
import { figuresTable } from './table.js'

/** A child that does not end by itself is killed after it, and a bench has as long to clean up. */
const endingMs = 2000

export interface Running {
  readonly recorder: Recorder
  readonly progress: Progress
  readonly save: (state: Results['state']) => unknown
  /** Rejects when the run is to end. */
  readonly interrupted: Promise<never>
}

/** A bench that fails is recorded, and the others go on. */
export async function runPart(
  bench: Part['bench'],
  context: Context,
  running: Running,
): Promise<void> {
  const { recorder, progress, save, interrupted } = running
  const around = async (where: string, measure: () => Promise<void>): Promise<void> => {
    progress.beginStep(where)
    recorder.step(bench.name, where)
    const measured = measure()
    try {
      await Promise.race([interrupted, measured])
        // Ctrl-C reaches the children too: that they ended may be heard of before why.
        .catch((error: unknown) =>
          hearSignal(interrupted).then(() => {
            throw error
          }),
        )
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
        recorder.addMicro(await bench.measureMicro(context.quick))
      })
    } else {
      await runBench(bench, context, { begin: (steps) => progress.beginBench(steps), around })
    }
    const judgements = context.quick ? [] : judge(recorder.samples, bench.name, context)
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
  // That it fails without its children says nothing.
  await within(
    endingMs,
    measured.catch(() => {}),
  )
}
