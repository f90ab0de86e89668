import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeResults } from '../../bench/harness/results-file.js'
import { resultsOf, series } from '../support/results-of.js'
import { BenchCommand } from './command.js'

describe('the bench command', { timeout: 60_000 }, () => {
  let directory: string
  const at = (name: string): string => join(directory, name)

  beforeAll(async () => {
    directory = await mkdtemp(join(os.tmpdir(), 'holdfast-bench-'))
    // More lines than a pipe takes at once.
    const names = Array.from({ length: 1000 }, (_, index) => `contestant-${index}`)
    const run = (scale: number) =>
      resultsOf(names.flatMap((name) => series(name, 'residentBytes', [scale, scale, scale])))
    writeResults(at('a.json'), run(100))
    writeResults(at('b.json'), run(120))
  })

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  it.each([
    [['ecko'], 'unknown bench "ecko"'],
    [['echo', '--quick', '--out', '/proc/nope/x'], '--out /proc/nope/x: ENOENT'],
    [['echo', '--quick', '--out', 'package.json/x'], '--out package.json/x: '],
    [['--json', 'x'], "unknown option '--json'"],
    [['compare', 'no-such-a.json', 'no-such-b.json'], 'no-such-a.json: cannot be read'],
    [['compare', 'package.json', 'package.json'], 'package.json: format none'],
  ])('answers %j in a line, with status 2', async (args, message) => {
    await using command = new BenchCommand(...args)
    expect(await command.status()).toBe(2)
    expect(command.stderr.trim().split('\n')).toEqual([expect.stringContaining(message)])
    expect(command.stdout).toBe('')
  })

  it('writes the whole of a comparison into a pipe', async () => {
    await using command = new BenchCommand('compare', at('a.json'), at('b.json'))
    expect(await command.status(), command.stderr).toBe(0)
    expect(command.stdout.length).toBeGreaterThan(65_536)
    expect(command.stdout.trim().split('\n').at(-1)).toBe(
      '1000 figures compared, 1000 beyond noise (1000 worse, 0 better)',
    )
  })

  it('makes the pages of several files', async () => {
    await using command = new BenchCommand(
      ...['report', at('a.json'), at('b.json'), '--out', at('both')],
    )
    expect(await command.status(), command.stderr).toBe(0)
    expect(await readFile(at('both.md'), 'utf8')).toContain('contestant-999')
    expect(await readFile(at('both.html'), 'utf8')).toMatch(/^<!doctype html>/i)
  })
})
