import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { nativeDirectory } from '../harness/paths.js'
import type { MicroResult } from './suite.js'

const msPerCase = 200
const quickMsPerCase = 10
const timeoutMs = 60_000

/** The addon's timer wheel with 100,000 deadlines, in C++ (wheel_cpu.cc). */
export function measureWheel(quick: boolean): MicroResult[] {
  const program = join(nativeDirectory, 'wheel_cpu')
  const { status, error, stdout } = spawnSync(
    program,
    [String(quick ? quickMsPerCase : msPerCase)],
    {
      encoding: 'utf8',
      timeout: timeoutMs,
    },
  )
  if (status !== 0) throw new Error(`wheel_cpu: ${error?.message ?? `status ${status}`} ${stdout}`)
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const { name, nsPerOperation, errorPercent, samples } = JSON.parse(line) as MicroResult
      return {
        suite: 'wheel of 100,000 deadlines',
        name,
        nsPerOperation,
        errorPercent,
        samples,
      }
    })
}
