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

const published = (run: string) => readResults(`bench/results/${COSTS_MEASURED.date}-${run}.json`)
const standard = published('standard')

/** From so many on, a second, what a timer costs is shared by many. */
const asksPerSecondMin = 9000

test('what a plan takes for a probe and a beat is what the published run measured', () => {
  const { samples } = published('probes')
  const of = (contestant: string): number[] =>
    samples
      .filter((sample) => sample.contestant === contestant)
      .filter(({ figures }) => (figures.asksPerSecond ?? 0) >= asksPerSecondMin)
      .flatMap(({ figures }) => figures.cpuUs ?? [])
  const probes = of('kernel-probes')
  const beats = of('heartbeat')
  expect([probes.length, beats.length]).toEqual([7, 6])
  expect(PROBE_CPU_US).toBeCloseTo(median(probes), 1)
  expect(BEAT_CPU_US).toBeCloseTo(median(beats), 1)
})

function idle(figure: string): number {
  const values = standard.samples
    .filter(
      ({ scenario, contestant }) => scenario === '19000 held' && contestant === 'holdfast-epoll',
    )
    .flatMap(({ figures }) => figures[figure] ?? [])
  expect(values, figure).not.toEqual([])
  return median(values)
}

test('what a plan takes for the memory of a connection is what the published run measured', () => {
  expect(PROCESS_MEMORY_BYTES).toBe(Math.round(idle('residentBytes') / 10) * 10)
  expect(KERNEL_MEMORY_BYTES).toBe(Math.round(idle('kernelBytes') / 2 / 10) * 10)
})

test('the page of results that the README names has the run that the plan rests on', () => {
  expect(readFileSync('README.md', 'utf8')).toContain(`(bench/results/${COSTS_MEASURED.date}.html)`)
  const page = readFileSync(`bench/results/${COSTS_MEASURED.date}.md`, 'utf8')
  expect(page).toContain(standard.environment.commit.slice(0, 12))
})
