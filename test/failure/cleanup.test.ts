import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
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
  for (const entry of everyPid()) {
    try {
      // Behind the last parenthesis of its name: state, parent.
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
      parents.set(entry, Number(parent))
      names.set(entry, readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' '))
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
    const spaces = namespacesOf(started.keys())
    // Of the laboratory, the server and the peer.
    expect(spaces.size).toBeGreaterThanOrEqual(3)
    expect([...started.values()].some((name) => name.includes('server.mjs'))).toBe(true)

    process.kill(laboratory.pid, 'SIGKILL')
    await failed
    const left = () => [...started].filter(([pid, name]) => isRunning(pid, name))
    await until(() => left().length === 0, 'every program has ended')
    const kept = () => [...namespacesOf(everyPid())].filter((space) => spaces.has(space))
    await until(() => kept().length === 0, 'no process is in a namespace of the laboratory')
  }, 40_000)
})

function everyPid(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
}

/** 'net:[4026532000]' of each process, this one's own excepted (namespaces(7)). */
function namespacesOf(pids: Iterable<number>): Set<string> {
  const found = new Set<string>()
  for (const pid of pids) {
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/net`))
    } catch {
      // It ended in this moment, or belongs to another user: not what this user's laboratory started.
    }
  }
  found.delete(readlinkSync('/proc/self/ns/net'))
  return found
}
