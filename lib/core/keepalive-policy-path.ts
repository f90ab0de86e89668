import { optionRange } from './errors.js'
import { LATE_PERCENT, lateMsOf, punctualMsOf } from './keepalive-policy-lateness.js'
import type { PresetValues } from './presets.js'
import { integerOption } from './validate.js'

// The shortest round of probes, 1 s of silence and 1 s for one answer, with late timers.
export const PATH_TIMEOUT_MS_MIN = 2_260
const PATH_TIMEOUT_MS_MAX = Number.MAX_SAFE_INTEGER

/**
 * How long a firewall, NAT or balancer on the path remembers an idle connection.
 * @throws HoldfastTypeError, HoldfastRangeError
 */
export function checkPathTimeout(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value < PATH_TIMEOUT_MS_MIN) {
    const why = `1 s of silence, 1 s for one answer, and ${LATE_PERCENT} % for late timers`
    throw optionRange('pathTimeoutMs', value, `at least ${PATH_TIMEOUT_MS_MIN} ms: ${why}`)
  }
  return integerOption('pathTimeoutMs', value, PATH_TIMEOUT_MS_MIN, PATH_TIMEOUT_MS_MAX, 'ms')
}

/** A round of probes that ends within this finds the path's memory alive, late timers included. */
export function longestRoundMs(pathTimeoutMs: number): number {
  return punctualMsOf(pathTimeoutMs)
}

/** The shortest path timeout whose memory outlasts such a round. */
export function pathTimeoutFor(roundMs: number): number {
  return Math.ceil(lateMsOf(roundMs))
}

/**
 * What a path that forgets makes of a policy, one sentence each. `probes` are sent before the peer
 * counts as gone; a live peer may miss all of them but the last, which must still find the path's
 * memory alive.
 * @throws HoldfastRangeError when the path forgets before a live peer is asked
 */
export function pathWarnings(
  values: PresetValues | null,
  probes: number,
  pathTimeoutMs: number,
): string[] {
  if (values === null) {
    return [
      `keepalive is off: a connection that is idle for pathTimeoutMs ${pathTimeoutMs} ms is forgotten on its path`,
    ]
  }
  const livePeriodMs = Math.max(values.idleMs, values.intervalMs)
  if (livePeriodMs >= pathTimeoutMs) {
    const name = values.idleMs >= values.intervalMs ? 'idleMs' : 'intervalMs'
    const allowed = `below pathTimeoutMs ${pathTimeoutMs}, or idle connections are forgotten before they are asked`
    throw optionRange(`keepalive.${name}`, livePeriodMs, allowed)
  }
  const roomMs = longestRoundMs(pathTimeoutMs) - livePeriodMs
  if (roomMs < 0) {
    return [
      `pathTimeoutMs ${pathTimeoutMs} ms is hardly above the ${livePeriodMs} ms between two probes: timers are up to ${LATE_PERCENT} % late`,
    ]
  }
  const forgiven = Math.floor(roomMs / values.intervalMs)
  if (forgiven >= probes - 1) {
    return []
  }
  const lost = forgiven === 0 ? 'one probe is lost' : `${forgiven + 1} probes in a row are lost`
  return [
    `pathTimeoutMs ${pathTimeoutMs} ms is short for a count of ${probes}: if ${lost}, a live connection may be forgotten on its path`,
  ]
}
