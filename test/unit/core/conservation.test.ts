import { describe, expect, test } from 'vitest'
import type { DisconnectCompletion } from '../../../lib/core/completion.js'
import type { ServerCounters } from '../../../lib/core/counters.js'
import { CounterStore } from '../../../lib/core/counters.js'
import { Conservation, conservationProblem, type Observed } from '../../support/conservation.js'

// The check that stands behind every integration test, fed with books that are wrong in one place.

function observed(changes: Partial<ServerCounters> = {}, connections = 1): Observed {
  const right = { ...new CounterStore().snapshot(0, 0, 0), arrived: 1, accepted: 1, open: 1 }
  return { counters: { ...right, ...changes }, connections: Array(connections).fill({}) }
}

function afterEnd(changes: Partial<ServerCounters> = {}): Observed {
  const closed = { ...new CounterStore().snapshot(0, 0, 0).closed, 'peer-end': 1 }
  return observed({ open: 0, closed, bytesRead: 5, bytesWritten: 7, ...changes }, 0)
}

const completion = { id: 1, bytesRead: 5, bytesWritten: 7 } as DisconnectCompletion
const connection = { completion } as never

/** What is said of one connection that opened and ended, when the last look finds `last`. */
function problemsOf(open: Observed, end = afterEnd(), last = end): string[] {
  const books = new Conservation()
  books.opened(open)
  books.closed(end, connection, completion)
  books.over(last)
  return books.problems
}

test('right books have no problem', () => {
  expect(problemsOf(observed())).toEqual([])
})

describe('a planted mistake is found: ', () => {
  test.each([
    ['an arrival more', observed({ arrived: 2 }), 'arrived 2, accepted 1, refused 0'],
    ['an arrival less', observed({ arrived: 0 }), 'arrived 0, accepted 1, refused 0'],
    ['open is not decreased', observed({ open: 2 }), 'accepted 1, open 2, closed 0'],
    ['a connection that cannot be found', observed({}, 0), 'open: 1 counted, 0 seen'],
    ['accepted twice', observed({ arrived: 2, accepted: 2, open: 2 }, 2), 'accepted: 2 counted'],
  ])('%s', (_, open, problem) => {
    expect(problemsOf(open)[0]).toContain(problem)
  })

  test.each([
    ['bytes read', { bytesRead: 4 }, 'bytesRead: 4 counted, 5 seen'],
    ['bytes written', { bytesWritten: 8 }, 'bytesWritten: 8 counted, 7 seen'],
    ['one left open', { open: 1, closed: observed().counters.closed }, 'open at the end: 1'],
  ])('%s, at the end', (_, changes, problem) => {
    const all = problemsOf(observed(), afterEnd(), afterEnd(changes))
    expect(all.join('\n')).toContain(problem)
  })

  test('an end that is not counted', () => {
    const end = observed({}, 1)
    expect(problemsOf(observed(), end).join('\n')).toContain('sum(closed): 0 counted, 1 seen')
  })

  test('a completion that is delivered twice', () => {
    const books = new Conservation()
    books.opened(observed())
    books.closed(afterEnd(), connection, completion)
    books.closed(afterEnd(), connection, completion)
    expect(books.problems).toContain('connection 1 has ended twice')
  })
})

test('refusals belong to the arrivals', () => {
  const { counters } = observed({ arrived: 4 })
  expect(conservationProblem(counters)).toBe('arrived 4, accepted 1, refused 0')
  const refused = { ...counters.refused, emfile: 2, rate: 1 }
  expect(conservationProblem({ ...counters, refused })).toBe(null)
})
