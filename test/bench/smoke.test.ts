import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingTools } from '../../bench/harness/build.js'
import { isMicro } from '../../bench/harness/parts.js'
import type { Results } from '../../bench/harness/results.js'
import { readResults } from '../../bench/harness/results-file.js'
import { suite } from '../../bench/suite.js'
import { BenchCommand } from './command.js'

const benches = suite.map(({ bench }) => bench)
const missing = missingTools(benches.map(({ name }) => name))

// CI must not skip what it is there to check: the run itself fails then, and names what is missing.
const skipped = missing !== undefined && process.env.CI !== 'true'

describe.skipIf(skipped)(`a smoke run of all benches${skipped ? ` (${missing})` : ''}`, () => {
  let directory: string
  let base: string
  let results: Results

  beforeAll(async () => {
    directory = await mkdtemp(join(os.tmpdir(), 'holdfast-bench-'))
    base = join(directory, 'smoke')
    await using command = new BenchCommand('--quick', '--out', base)
    expect(await command.status(), command.stderr).toBe(0)
    results = readResults(`${base}.json`)
  }, 240_000)

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  it('is complete', () => {
    expect(results).toMatchObject({ state: 'complete', quick: true, judgements: [] })
    expect(results.benches.map(({ name, state }) => `${name} ${state}`)).toEqual(
      benches.map(({ name }) => `${name} complete`),
    )
  })

  it.each(benches.filter((bench) => !isMicro(bench)).map(({ name }) => name))(
    'has samples of %s, or says what it was skipped for',
    (name) => {
      const samples = results.samples.filter(({ bench }) => bench === name)
      const skips = results.skipped.filter(({ bench }) => bench === name)
      expect(samples.length + skips.length).toBeGreaterThan(0)
      for (const { figures } of samples) {
        expect(Object.keys(figures).length).toBeGreaterThan(0)
        for (const value of Object.values(figures)) expect(value).toEqual(expect.any(Number))
      }
    },
  )

  it('has measured single operations', () => {
    expect(results.micro.length).toBeGreaterThan(0)
    for (const { nsPerOperation } of results.micro) expect(nsPerOperation).toBeGreaterThan(0)
  })

  it('writes a page that has every bench', () => {
    const page = readFileSync(`${base}.md`, 'utf8')
    for (const { name, title } of benches) expect(page).toContain(`### ${name}: ${title}`)
  })
})
