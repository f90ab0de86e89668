import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from './command.js'
import { inconclusive } from './judge.js'
import type { Bench, Scenario } from './scenario.js'
import { traced } from './trace.js'

// The making of a cut and its undoing: when, and whether it was so.

export interface Cutting {
  cutFromMs: number
  cutToMs: number
  problems: string[]
}

/** Without a cut: now. */
export async function makeCut(bench: Bench, { cut }: Pick<Scenario, 'cut'>): Promise<Cutting> {
  let cutFromMs = monotonicMs()
  let cutToMs = cutFromMs
  if (cut === null) return { cutFromMs, cutToMs, problems: [] }
  const problems = await traced(bench, cut, 'made', async () => {
    cutFromMs = monotonicMs()
    await cut.apply(bench)
    cutToMs = monotonicMs()
  })
  return { cutFromMs, cutToMs, problems }
}

export interface Undoing {
  /** How much later than declared it was done; 0 where the report came before it was due. */
  undoLateMs: number
  problems: string[]
}

/** @throws Error of an undoing that was in time; a late one may find the connection gone */
export async function undoLater(
  bench: Bench,
  scenario: Scenario,
  { cutFromMs, cutToMs }: Cutting,
  over: AbortSignal,
): Promise<Undoing> {
  const { cut, undoAfterMs } = scenario
  const undo = cut?.undo
  if (cut === null || undoAfterMs === undefined || undo === undefined) return NOT_UNDONE
  const dueMs = cutToMs + undoAfterMs
  await delay(Math.max(0, dueMs - monotonicMs()), undefined, { signal: over }).catch(() => {})
  // A report that overtook a late undoing says as little as one after it.
  let undoLateMs = Math.max(0, monotonicMs() - dueMs)
  if (over.aborted) return { undoLateMs, problems: [] }
  try {
    const problems = await traced(bench, cut, 'undone', async () => {
      try {
        await undo(bench)
      } finally {
        undoLateMs = monotonicMs() - dueMs
      }
    })
    return { undoLateMs, problems }
  } catch (error) {
    if (inconclusive(scenario, { cutFromMs, cutToMs, undoLateMs }) === null) throw error
    return { undoLateMs, problems: [`the undoing failed: ${String(error)}`] }
  }
}

const NOT_UNDONE: Undoing = { undoLateMs: 0, problems: [] }
