import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Bench } from '../../../bench/harness/context.js'
import { expectedSeconds } from '../../../bench/harness/parts.js'
import { targets } from '../../../bench/harness/targets.js'
import { suite } from '../../../bench/suite.js'

const cases = new URL('../../../bench/cases/', import.meta.url)
const names = suite.map(({ bench }) => bench.name)

describe('the suite', () => {
  it('has every bench of bench/cases once', async () => {
    const found: string[] = []
    for (const file of readdirSync(cases)) {
      const exported: object = await import(new URL(file, cases).href)
      found.push(
        ...Object.values(exported)
          .filter(isBench)
          .map(({ name }) => name),
      )
    }
    expect(found.length).toBeGreaterThan(10)
    expect([...names].sort()).toEqual([...found, 'micro'].sort())
  })

  it('takes less than 15 minutes without names', () => {
    const standard = suite.filter(({ runs }) => runs === 'standard')
    const seconds = standard.map((part) =>
      expectedSeconds(part, part.rounds, { names: [], quick: false }),
    )
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeLessThan(15 * 60)
  })

  it('has the bench of every goal', () => {
    expect(targets.filter(({ bench }) => !names.includes(bench))).toEqual([])
  })
})

function isBench(value: unknown): value is Bench {
  if (typeof value !== 'object' || value === null) return false
  return 'measure' in value || 'measureRound' in value
}
