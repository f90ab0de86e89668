import { expect, test } from 'vitest'
import { makeCut, undoLater } from './cutting.js'
import type { Bench, Cut, Scenario } from './scenario.js'
import { flap } from './scenarios/flap.js'

// Nothing of a bench is touched by the cuts made up here.
const BENCH = {} as Bench

const NOW = (): number => Number(process.hrtime.bigint()) / 1e6

/** A link that exists here alone; `works` says which of the two have an effect. */
function madeUp(works: { apply: boolean; undo: boolean }): Cut {
  let state = 'up'
  return {
    name: 'made up',
    apply: async () => {
      if (works.apply) state = 'down'
    },
    undo: async () => {
      if (works.undo) state = 'up'
    },
    trace: async () => state,
  }
}

const undone = (cut: Cut, cutMsAgo = 0, over = AbortSignal.any([])) => {
  const [base] = flap
  if (base === undefined) throw new Error('there is no scenario to change')
  const scenario: Scenario = { ...base, cut, undoAfterMs: 0, roomMs: 1_000 }
  const cutMs = NOW() - cutMsAgo
  const cutting = { cutFromMs: cutMs, cutToMs: cutMs, problems: [] }
  return undoLater(BENCH, scenario, cutting, over)
}

test('a cut that was skipped is refused, one that was made is not', async () => {
  const skipped = await makeCut(BENCH, { cut: madeUp({ apply: false, undo: true }) })
  expect(skipped.problems).toEqual(['“made up” was not made: up as before'])
  const made = await makeCut(BENCH, { cut: madeUp({ apply: true, undo: true }) })
  expect(made.problems).toEqual([])
  expect(made.cutToMs).toBeGreaterThanOrEqual(made.cutFromMs)
})

test('a cut whose undoing was skipped is refused, one that was undone is not', async () => {
  for (const undo of [false, true]) {
    const cut = madeUp({ apply: true, undo })
    await makeCut(BENCH, { cut })
    const { problems } = await undone(cut)
    expect(problems).toEqual(undo ? [] : ['“made up” was not undone: down as before'])
  }
})

test('an undoing that fails is an error in time, and inconclusive beyond the room', async () => {
  const cut: Cut = {
    ...madeUp({ apply: true, undo: true }),
    undo: async () => {
      throw new Error('nothing is left')
    },
  }
  await expect(undone(cut)).rejects.toThrow('nothing is left')
  const late = await undone(cut, 5_000)
  expect(late.undoLateMs).toBeGreaterThanOrEqual(5_000)
  expect(late.problems).toEqual(['the undoing failed: Error: nothing is left'])
})

test('a report before the undoing was due excuses nothing, one after that is late', async () => {
  const cut = madeUp({ apply: true, undo: true })
  expect(await undone(cut, -60_000, AbortSignal.abort())).toEqual({ undoLateMs: 0, problems: [] })
  const { undoLateMs } = await undone(cut, 5_000, AbortSignal.abort())
  expect(undoLateMs).toBeGreaterThanOrEqual(5_000)
})
