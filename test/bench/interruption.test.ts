import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { missingTools } from '../../bench/harness/build.js'
import { readResults } from '../../bench/harness/results-file.js'
import { BenchCommand } from './command.js'

const missing = missingTools(['echo'])
const skipped = missing !== undefined && process.env.CI !== 'true'

describe.skipIf(skipped)(`an interrupted run${skipped ? ` (${missing})` : ''}`, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves what it has measured and no process: %s',
    async (signal) => {
      const directory = await mkdtemp(join(os.tmpdir(), 'holdfast-bench-'))
      try {
        const base = join(directory, 'cut')
        const options = ['--quick', '--rounds', '1000', '--servers', 'raw-epoll', '--out', base]
        await using command = new BenchCommand('echo', 'accept', ...options)
        const shown = { timeout: 120_000, interval: 20 }
        await expect.poll(() => command.stderr, shown).toContain('echo: round 2 of 1000')
        // The file is whole while the run is under way.
        expect(readResults(`${base}.json`)).toMatchObject({ state: 'running' })
        const pid = command.process.pid as number
        const children = await vi.waitUntil(() => {
          const found = descendants(pid)
          return found.length > 0 && found
        }, shown)

        command.process.kill(signal)
        expect(await command.status(), command.stderr).toBe(130)

        const results = readResults(`${base}.json`)
        expect(results.state).toBe('interrupted')
        expect(results.benches).toMatchObject([
          { name: 'echo', state: 'partial' },
          { name: 'accept', state: 'waiting', seconds: 0 },
        ])
        expect(results.samples.length).toBeGreaterThan(0)
        expect(results.judgements).toEqual([])
        expect(readFileSync(`${base}.md`, 'utf8')).toMatch(
          /Not whole: interrupted in echo, round \d+ of 1000/,
        )
        expect(await readdir(directory)).toEqual(['cut.html', 'cut.json', 'cut.md'])
        expect(children.filter(isAlive)).toEqual([])
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },
    180_000,
  )
})

function descendants(pid: number): number[] {
  const own = childrenOf(pid)
  return [...own, ...own.flatMap(descendants)]
}

/** None of a process that has ended meanwhile. */
function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return list === '' ? [] : list.split(' ').map(Number)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
