import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.js'

/** How often each was made, by name. */
export type CallCounts = Readonly<Record<string, number>>

const attachTimeoutMs = 10_000
const detachTimeoutMs = 10_000
// % time, seconds, µs a call, calls, errors if any, name.
const summaryLine = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/

/** What all threads of a process ask of the kernel meanwhile; strace slows it down ten times. */
export async function countSystemCalls(
  pid: number,
  meanwhile: () => Promise<unknown>,
): Promise<CallCounts> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    const file = join(directory, 'calls')
    const strace = new Child('strace', ['strace', '-f', '-c', '-o', file, '-p', String(pid)])
    try {
      await strace.hears(' attached', attachTimeoutMs)
      await meanwhile()
    } finally {
      // Detaches, and writes the summary.
      await strace.end(detachTimeoutMs, 'SIGINT')
    }
    return readSummary(readFileSync(file, 'utf8'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What `strace -c` writes. @throws when there is no call in it */
export function readSummary(text: string): CallCounts {
  const counts: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const [, calls, name] = summaryLine.exec(line) ?? []
    if (name !== undefined && name !== 'total') counts[name] = Number(calls)
  }
  if (Object.keys(counts).length === 0) throw new Error(`strace has seen nothing: ${text}`)
  return counts
}

/** All of them, or those whose name matches. */
export function callsOf(counts: CallCounts, names = /./): number {
  return Object.entries(counts)
    .filter(([name]) => names.test(name))
    .reduce((sum, [, calls]) => sum + calls, 0)
}
