import type { Evidence } from '../evidence.js'
import { benchSection, type Section } from '../section.js'
import { barsOf } from './generic.js'

const chosen: Readonly<Record<string, readonly string[]>> = {
  accept: ['cpuNs', 'perSecond'],
  'accept-storm': ['cpuNs', 'lastMs'],
  storm: ['cpuNs', 'lastMs'],
  broadcast: ['cpuNs', 'heldBytes'],
  fairness: ['besideP99Us', 'keptRate'],
}

export const barBenches = Object.keys(chosen)

/** Benches whose few scenarios are told by bars with their ranges. */
export function barsSection(evidence: Evidence, name: string): Section | undefined {
  const bench = evidence.of(name)
  return benchSection(
    [bench],
    (chosen[name] ?? []).map((figure) => barsOf(bench, figure)),
  )
}
