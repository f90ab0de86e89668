import { readFileSync } from 'node:fs'
import { median } from 'simple-statistics'
import { expect, test } from 'vitest'
import { readResults } from '../../../bench/harness/results-file.js'
import {
  BEAT_CPU_US,
  COSTS_MEASURED,
  KERNEL_MEMORY_BYTES,
  PROBE_CPU_US,
  PROCESS_MEMORY_BYTES,
} from '../../../lib/core/keepalive-plan-costs.js'

const published = readResults(`bench/results/${COSTS_MEASURED.date}-standard.json`)

function measured(scenario: string, contestant: string, figure: string): number {
  const values = published.samples
    .filter((sample) => sample.scenario === scenario && sample.contestant === contestant)
    .flatMap(({ figures }) => figures[figure] ?? [])
  expect(values, `${scenario}, ${contestant}, ${figure}`).not.toEqual([])
  return median(values)
}

test('what a plan takes for a probe and a beat is what the published run measured', () => {
  const scenario = '50000 asked each 1 s'
  expect(PROBE_CPU_US).toBeCloseTo(measured(scenario, 'kernel-probes', 'cpuUs'), 0)
  expect(BEAT_CPU_US).toBeCloseTo(measured(scenario, 'heartbeat', 'cpuUs'), 0)
})

test('what a plan takes for the memory of a connection is what the published run measured', () => {
  const of = (figure: string): number => measured('19000 held', 'holdfast-epoll', figure)
  expect(PROCESS_MEMORY_BYTES).toBe(Math.round(of('residentBytes') / 10) * 10)
  expect(KERNEL_MEMORY_BYTES).toBe(Math.round(of('kernelBytes') / 2 / 10) * 10)
})

test('the page of results that the README names has the run that the plan rests on', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(`(bench/results/${COSTS_MEASURED.date}.html)`)
  const page = readFileSync(`bench/results/${COSTS_MEASURED.date}.md`, 'utf8')
  expect(page).toContain(published.environment.commit.slice(0, 12))
})
