import type { Sample } from './samples.js'
import { summarize } from './statistics.js'

/** Cores' worth of foreign work during a window above which its figures are not to be trusted. */
export const quietCoresMax = 0.1

export function isLoud({ figures }: Sample): boolean {
  return (figures.disturbance ?? 0) > quietCoresMax
}

/** One line about what else ran on the machine while the windows were open; empty if none was. */
export function noiseNote(samples: readonly Sample[]): string {
  const disturbances = samples.flatMap(({ figures }) => figures.disturbance ?? [])
  if (disturbances.length === 0) return ''
  const { median, max } = summarize(disturbances)
  const loud = samples.filter(isLoud).length
  const rest = `median ${median.toFixed(2)}, largest ${max.toFixed(2)} cores`
  if (loud === 0) return `quiet: foreign work in no window above ${quietCoresMax} cores (${rest})`
  return `NOISY: foreign work above ${quietCoresMax} cores in ${loud} of ${disturbances.length} windows (${rest}): measure again on a quiet machine`
}
