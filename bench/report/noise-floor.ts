import type { Sample } from '../harness/samples.js'
import { summarize } from '../harness/statistics.js'

/** Taken as a difference of the whole machine's, so that the machine's noise is in them. */
const ofTheMachine = ['cpuUs', 'machineCpuCores', 'softirqCores']

/** A CPU that came out as nothing or less, or as less than two quiet windows differed by. */
export function isBelowNoise(figure: string, samples: readonly Sample[]): boolean {
  if (!/cpu|softirq/i.test(figure)) return false
  const median = medianOf(figure, samples)
  if (median === undefined) return false
  if (median < 0) return true
  const noise = medianOf('noiseCores', samples)
  const added = medianOf('machineCpuCores', samples)
  if (noise === undefined || added === undefined) return false
  return ofTheMachine.includes(figure) && added <= noise
}

function medianOf(figure: string, samples: readonly Sample[]): number | undefined {
  const values = samples.flatMap(({ figures }) => figures[figure] ?? [])
  return values.length === 0 ? undefined : summarize(values).median
}
