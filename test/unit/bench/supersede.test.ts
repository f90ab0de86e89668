import { describe, expect, it } from 'vitest'
import type { Results } from '../../../bench/harness/results.js'
import { Samples } from '../../../bench/harness/samples.js'
import { supersede } from '../../../bench/harness/supersede.js'
import { environment, resultsOf, series } from '../../support/results-of.js'

const at = (day: number): Partial<Results> => ({
  environment: { ...environment, date: `2026-11-0${day}T00:00:00.000Z` },
})
const contestantsOf = (results: Results | undefined) => [
  ...new Set(results?.samples.map(({ bench, contestant }) => `${bench} ${contestant}`)),
]

describe('of several runs', () => {
  const skip = { bench: 'echo', scenario: 'N=50', shortages: [] }
  const micro = { suite: 's', name: 'n', nsPerOperation: 1, errorPercent: 1, samples: 5 }
  const first = resultsOf(
    [...series('a', 'cpuNs', [1], 'echo'), ...series('a', 'cpuNs', [1], 'idle')],
    { ...at(1), skipped: [skip], micro: [micro] },
  )

  it('the newest counts, whatever their order', () => {
    const second = resultsOf(series('a', 'cpuNs', [2], 'echo'), at(2))
    for (const files of [
      [first, second],
      [second, first],
    ]) {
      const [left, right] = supersede(files)
      expect(contestantsOf(left)).toEqual(['idle a'])
      expect(left?.benches.map(({ name }) => name)).toEqual(['idle'])
      expect(left).toMatchObject({ skipped: [], micro: [micro] })
      expect(contestantsOf(right)).toEqual(['echo a'])
    }
  })

  it('a contestant that the newest has not measured stays', () => {
    const both = [...series('a', 'cpuNs', [1, 1]), ...series('b', 'cpuNs', [2, 2])]
    const later = resultsOf(series('b', 'cpuNs', [9]), at(2))
    const [left, right] = supersede([resultsOf(both, at(1)), later])
    expect([contestantsOf(left), contestantsOf(right)]).toEqual([['echo a'], ['echo b']])
    // They are of two runs, so none is a multiple of the other.
    const together = new Samples([...(left?.samples ?? []), ...(right?.samples ?? [])])
    expect(together.ratios('echo', 'N=50', 'b', 'a', 'cpuNs')).toEqual([])
  })

  it.each(['failed', 'waiting', 'partial'] as const)(
    'one that is %s without samples replaces nothing',
    (state) => {
      const benches = first.benches.map((bench) => ({ ...bench, state }))
      const [left] = supersede([first, resultsOf([], { ...at(2), benches, state: 'failed' })])
      expect(left).toEqual(first)
    },
  )

  it('a goal that was left out says nothing against an earlier one', () => {
    const goal = { bench: 'echo', title: 'CPU', of: 'a', limit: '≤ 1', passed: false }
    const measured = { median: 1, min: 1, max: 1, rounds: 1 }
    const run = (day: number, judgement: object) =>
      resultsOf([], { ...at(day), judgements: [{ ...goal, measured: undefined, ...judgement }] })
    const judgementsAfter = (judgement: object) =>
      supersede([run(1, { measured, passed: true }), run(2, judgement)])[0]?.judgements.length
    expect(judgementsAfter({ verdict: 'left out' })).toBe(1)
    expect(judgementsAfter({ verdict: 'not measured' })).toBe(1)
    expect(judgementsAfter({ verdict: 'not judged' })).toBe(0)
    expect(judgementsAfter({ measured })).toBe(0)
  })
})
