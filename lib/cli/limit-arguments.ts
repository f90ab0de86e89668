import { DEADLINE_MS_MAX, DEADLINE_MS_MIN, type DeadlineOptions } from '../core/deadlines.js'
import { COUNT_MAX, type LimitOptions } from '../core/limits.js'
import { type ProxyOptions, resolveProxy } from '../core/proxy.js'
import { countArgument, durationArgument } from './quantities.js'
import { badArgument, UsageError } from './usage.js'

/** Who may come and for how long, as it is given on the command line. */
export interface RawLimits {
  maxConnections?: string
  maxPerAddress?: string
  idle?: string
  proxyFrom?: string
}

export function limitArguments({ maxConnections, maxPerAddress }: RawLimits): LimitOptions {
  const limits: LimitOptions = {}
  if (maxConnections !== undefined) {
    limits.connections = countArgument('--max-connections', maxConnections, COUNT_MAX)
  }
  if (maxPerAddress !== undefined) {
    limits.connectionsPerAddress = countArgument('--max-per-address', maxPerAddress, COUNT_MAX)
    if (limits.connections !== undefined && limits.connectionsPerAddress > limits.connections) {
      const allowed = `at most --max-connections (${limits.connections})`
      throw badArgument('--max-per-address', maxPerAddress, allowed)
    }
  }
  return limits
}

/** undefined: every peer is a client itself. */
export function proxyArguments({ proxyFrom }: RawLimits): ProxyOptions | undefined {
  if (proxyFrom === undefined) {
    return undefined
  }
  const from = proxyFrom.split(',')
  try {
    resolveProxy({ from })
  } catch (error) {
    const { message } = error as Error
    throw new UsageError(`--proxy-from ${JSON.stringify(proxyFrom)}: ${inWords(message)}`)
  }
  return { from }
}

/** Elements are counted from 1 on a command line. */
function inWords(message: string): string {
  return message.replace(/^proxy\.from\[(\d+)\]/, (_, at) => `element ${Number(at) + 1}`)
}

export function deadlineArguments({ idle }: RawLimits): DeadlineOptions {
  if (idle === undefined) {
    return {}
  }
  const idleMs = durationArgument('--idle', idle, DEADLINE_MS_MIN)
  if (idleMs > DEADLINE_MS_MAX) {
    throw badArgument('--idle', idle, `at most ${DEADLINE_MS_MAX} ms (20 days)`)
  }
  return { idleMs }
}
