import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How often each was made, by name. */
export type CallCounts = Readonly<Record<string, number>>

const attachTimeoutMs = 10_000
// % time, seconds, µs a call, calls, errors if any, name.
const summaryLine = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/

/** What all threads of a process ask of the kernel meanwhile; strace slows it down ten times. */
export async function countSystemCalls(
  pid: number,
  meanwhile: () => Promise<unknown>,
): Promise<CallCounts> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const file = join(directory, 'calls')
  const args = ['-f', '-c', '-o', file, '-p', String(pid)]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => strace.on('close', () => resolve()))
  try {
    let said = ''
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`strace: ${why} ${said.trim()}`))
      const timer = setTimeout(() => fail('not attached in 10 s'), attachTimeoutMs)
      strace.on('error', (error) => fail(error.message))
      strace.on('close', (code) => fail(`ended with status ${code}`))
      strace.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (!said.includes(' attached')) return
        clearTimeout(timer)
        resolve()
      })
    })
    await meanwhile()
    strace.kill('SIGINT') // detaches, and writes the summary
    await ended
    return readSummary(readFileSync(file, 'utf8'))
  } finally {
    strace.kill('SIGKILL')
    rmSync(directory, { recursive: true })
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
