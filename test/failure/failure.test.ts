import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explain, findAccess } from './access.js'
import { Laboratory } from './client.js'
import { everyRun, longestFirst, titleOf } from './plan.js'

const access = await findAccess()
const missing = typeof access === 'string' ? null : explain(access)
// Loud, and where CI=true the skipped tests fail the run.
if (missing !== null) console.error(`\n${missing}\n`)

// The longest scenario is kept for ten times its bound of 3 s; a busy machine waits its turn.
const SCENARIO_MS_MAX = 60_000

describe.skipIf(missing !== null)('failure laboratory', () => {
  let laboratory: Laboratory
  beforeAll(() => {
    if (typeof access === 'string') laboratory = new Laboratory(access)
  })
  afterAll(() => laboratory?.close())

  for (const run of longestFirst(everyRun())) {
    const { scenario, io, family } = run
    test.concurrent(
      titleOf(run),
      async () => {
        const result = await laboratory.run(scenario.name, io, family)
        expect(result.problems).toEqual([])
        if (scenario.control !== undefined) {
          // The same without the cut: it ran, here, and nothing was reported.
          const control = await laboratory.run(scenario.control, io, family)
          expect(control).toMatchObject({ reason: null, problems: [] })
        }
      },
      SCENARIO_MS_MAX,
    )
  }
})
