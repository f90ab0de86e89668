import { catalogue } from './catalogue.js'
import { boundOf } from './judge.js'
import type { Family, IoKind, Scenario } from './scenario.js'

/** One run that is to be made. */
export interface Run {
  scenario: Scenario
  io: IoKind
  family: Family
}

const IO_KINDS: readonly IoKind[] = ['epoll', 'uv']

/**
 * Every scenario on both Io implementations, in the order of the table. Where it runs on IPv4 as well,
 * IPv6 is run on one of them: the address is the kernel's affair, the Io is not.
 */
export function everyRun(scenarios: readonly Scenario[] = catalogue): Run[] {
  return scenarios.flatMap((scenario) =>
    scenario.families.flatMap((family) => {
      const kinds =
        family === 'v6' && scenario.families.includes('v4') ? (['epoll'] as const) : IO_KINDS
      return kinds.map((io) => ({ scenario, io, family }))
    }),
  )
}

/** The longest first: run side by side, they decide when the last one is over. */
export function longestFirst(runs: readonly Run[]): Run[] {
  return [...runs].sort((a, b) => boundOf(b.scenario) - boundOf(a.scenario))
}

export function titleOf({ scenario, io, family }: Run): string {
  return `${scenario.name}, ${family}, ${io}`
}
