import { max, min } from 'simple-statistics'
import { quantile } from '../harness/statistics.js'
import type { Ending } from './policy-server.js'

/** When each client went deaf, by its port; CLOCK_MONOTONIC in ms. */
export type DeafAtMs = ReadonlyMap<number, number>

/**
 * How long after it went deaf each was found, in ms, in the order of `deafAtMs`. Throws unless
 * every one of them ended exactly once, nobody else did, and `isRight` says so of each ending.
 */
export function latenciesOf(
  deafAtMs: DeafAtMs,
  endings: readonly Ending[],
  isRight: (ending: Ending) => boolean,
): number[] {
  const wrong = endings.filter((ending) => !isRight(ending))
  if (wrong.length > 0) {
    throw new Error(`${wrong.length} ended for another reason: ${JSON.stringify(wrong[0])}`)
  }
  const endedAtMs = new Map(endings.map(({ port, atMs }) => [port, atMs]))
  const alive = [...endedAtMs.keys()].filter((port) => port === null || !deafAtMs.has(port))
  if (alive.length > 0) throw new Error(`${alive.length} ended that were alive`)
  if (endings.length !== deafAtMs.size || endedAtMs.size !== deafAtMs.size) {
    throw new Error(`${deafAtMs.size} went deaf, ${endings.length} ended`)
  }
  return [...deafAtMs].map(([port, atMs]) => (endedAtMs.get(port) as number) - atMs)
}

export function latencyFigures(
  detectedMs: readonly number[],
  boundMs: number,
): Record<string, number> {
  const sorted = [...detectedMs].sort((a, b) => a - b)
  return {
    connections: sorted.length,
    minMs: min(sorted),
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: max(sorted),
    boundMs,
    boundShareMax: max(sorted) / boundMs,
  }
}
