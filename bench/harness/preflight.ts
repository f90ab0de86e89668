import type { Bench } from './context.js'
import { isFull } from './parts.js'
import { type Machine, type Skip, shortagesOf } from './requirements.js'

/** The scenarios of these benches that the machine is too small for. `names` as they were asked for. */
export function preflight(
  benches: readonly Bench[],
  names: readonly string[],
  quick: boolean,
  machine: Machine,
): Skip[] {
  return benches.flatMap((bench) =>
    (bench.requirements?.(quick, isFull(bench, names)) ?? []).flatMap(({ scenario, needs }) => {
      const shortages = shortagesOf(needs, machine)
      return shortages.length === 0 ? [] : [{ bench: bench.name, scenario, shortages }]
    }),
  )
}

export function isSkipped(skips: readonly Skip[], bench: string, scenario: string): boolean {
  return skips.some((skip) => skip.bench === bench && skip.scenario === scenario)
}

/** What is too little for which scenario, and how to raise it; empty when nothing is. */
export function describeSkips(skips: readonly Skip[]): string {
  return skips
    .map(({ bench, scenario, shortages }) => {
      const reasons = shortages.map(
        ({ what, needed, have, raise }) => `  ${what}: needs ${needed}, has ${have} (${raise})\n`,
      )
      return `skipped: ${bench}, ${scenario}\n${reasons.join('')}`
    })
    .join('')
}
