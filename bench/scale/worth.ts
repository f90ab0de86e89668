import { quietCoresMax } from '../harness/noise.js'

type Figures = Readonly<Record<string, number>>

/** What a sample has of them. */
export interface Worth {
  readonly figures: Figures
  readonly note?: string
}

/**
 * Leaves out the CPU that cannot be told from noise, or of a window that was not what it should be,
 * so that nobody judges it; and notes what must be known of the rest.
 */
export function worthTelling(
  figures: Figures,
  meantPerSecond: number,
  wrong: readonly string[] = [],
): Worth {
  const { machineCpuCores = 0, serverCpuCores = 0, noiseCores = 0, disturbance = 0 } = figures
  const { dropped = 0, lost = 0, asksPerSecond = 0 } = figures
  const notes = [...wrong]
  const leftOut: string[] = []
  if (wrong.length > 0) leftOut.push('cpuUs', 'serverCpuUs', 'machineCpuCores')
  if (machineCpuCores <= noiseCores) {
    leftOut.push('cpuUs', 'machineCpuCores')
    notes.push(`the CPU of it is below the noise of ${noiseCores.toFixed(4)} cores`)
  }
  if (serverCpuCores <= 0) leftOut.push('serverCpuUs')
  if (disturbance > quietCoresMax) {
    notes.push(`the machine was busy: others had ${disturbance.toFixed(2)} cores`)
  }
  // It is asked again: its sender pays twice, and somebody else nothing.
  if (dropped > 0) notes.push(`${dropped} segments were dropped on loopback`)
  // Found dead by who had no time to hear them, or they none to answer.
  if (lost > 0) notes.push(`${lost} live connections were ended`)
  const percent = Math.round((100 * asksPerSecond) / meantPerSecond)
  if (percent < 90) notes.push(`asked ${percent} % as often as meant: more than these cores can do`)
  return {
    figures: Object.fromEntries(
      Object.entries(figures).filter(([name]) => !leftOut.includes(name)),
    ),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  }
}
