import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveDeadlines } from '../../../lib/core/deadlines.js'
import { resolveLimits } from '../../../lib/core/limits.js'
import { type ListenOptions, resolveListenOptions } from '../../../lib/core/options.js'

// docs/reference/limits.md, held to the code.

const page = readFileSync(new URL('../../../docs/reference/limits.md', import.meta.url), 'utf8')

/** The names that an error for a name that does not exist lists as known. */
function known(resolve: () => unknown): string[] {
  try {
    resolve()
  } catch (error) {
    return /known: (.*)$/.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
  return []
}

test.each([
  ['limits', 19, known(() => resolveLimits({ none: 1 }))],
  ['a rule', 3, known(() => resolveLimits({ rules: [{ none: 1 }] }))],
  ['deadlines', 8, known(() => resolveDeadlines({ none: 1 }, undefined))],
  ['heartbeat', 2, known(() => resolveDeadlines({}, { none: 1 }))],
])('every option of %s has its row', (_, least, names) => {
  expect(names.length).toBeGreaterThanOrEqual(least)
  expect(names.filter((name) => !page.includes(`\n| \`${name}\` |`))).toEqual([])
})

test.each([
  { limits: { connections: 10, connectionsPerAddress: 11 } },
  { limits: { pingBurst: 5 } },
  { limits: { whenFull: 'message' as const, refusalMessage: 'x'.repeat(5_000) } },
  { deadlines: { lifetimeJitterMs: 100 } },
  { deadlines: { idleMs: '10s' as never } },
  { heartbeat: { intervalMs: 100, replyMs: 100 } },
] satisfies Partial<ListenOptions>[])(
  'what the page says is what is thrown: case %#',
  (options) => {
    let thrown = { message: 'nothing', code: '' }
    try {
      resolveListenOptions({ port: 0, handler: {}, ...options })
    } catch (error) {
      thrown = error as typeof thrown
    }
    expect(page).toContain(`| \`${thrown.message}\` | \`${thrown.code}\` |`)
  },
)
