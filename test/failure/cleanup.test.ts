import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { until } from '../support/wait.js'
import { explain, findAccess } from './access.js'
import { Laboratory } from './client.js'
import { alive } from './scenarios/alive.js'

const access = await findAccess()
const missing = typeof access === 'string' ? null : explain(access)

/** Every process below `pid`, itself included, by the parents that proc(5) names. */
function descendants(pid: number): Map<number, string> {
  const parents = new Map<number, number>()
  const names = new Map<number, string>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      // Behind the last parenthesis of its name: state, parent.
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
      parents.set(Number(entry), Number(parent))
      names.set(Number(entry), readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' '))
    } catch {
      // It ended in this moment, which is no descendant any more.
    }
  }
  const below = (one: number): boolean =>
    one === pid || (parents.has(one) && below(parents.get(one) ?? 0))
  return new Map([...names].filter(([one]) => below(one)))
}

const isRunning = (pid: number, name: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') === name
  } catch {
    return false
  }
}

describe.skipIf(missing !== null)('a laboratory that is killed in the middle of a run', () => {
  test('leaves no program and no namespace behind', async () => {
    const laboratory = new Laboratory(typeof access === 'string' ? access : 'root')
    const result = laboratory.run(alive[0]?.name ?? '', 'epoll', 'v4')
    const failed = expect(result).rejects.toThrow(/laboratory ended \(SIGKILL\)/)
    const programs = () => descendants(laboratory.pid)
    const isPeer = (name: string): boolean => name.includes('peer.py')
    await until(() => [...programs().values()].some(isPeer), 'the peer has started', 15_000)
    const started = programs()
    expect([...started.values()].some((name) => name.includes('server.mjs'))).toBe(true)

    process.kill(laboratory.pid, 'SIGKILL')
    await failed
    const left = () => [...started].filter(([pid, name]) => isRunning(pid, name))
    await until(() => left().length === 0, 'every program has ended')
    // Its names were never there for others: they lie in a /run of its own.
    expect(namespacesHere()).toEqual([])
  }, 40_000)
})

/** The names of namespaces that this process sees, of those a laboratory makes. */
function namespacesHere(): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith('hf-'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
