import type { DisconnectCompletion } from '../../lib/core/completion.js'
import { KeepalivePolicy } from '../../lib/index.js'
import type { Scenario } from './scenario.js'

// Keepalive as a contract: whatever the cut, the report comes within the policy's detectionMs plus
// this share and this time, counted from the cut. Less than the promise, whose 13 % are for timers of
// any length: those of the policies here take 1 to 4 s, and are 0.4 s late altogether at most.
const LATE_SHARE = 1.05
const LATE_MS = 1_000

// A cut that takes longer than this to make says nothing about time. Half of the shortest detection
// time: the peer may have been silent for all of it.
const ROOM_MS = 1_500

/** All on CLOCK_MONOTONIC. */
export interface Moments {
  /** The cut happened between these two. */
  cutFromMs: number
  cutToMs: number
  /** How much later than declared the cut was undone; 0 where it was not. */
  undoLateMs: number
  /** null: nothing was reported. */
  reportMs: number | null
}

/** Why the run shows nothing: the machine was too busy to make it as declared. null: it was not. */
export function inconclusive(
  { roomMs = ROOM_MS }: Pick<Scenario, 'roomMs'>,
  { cutFromMs, cutToMs, undoLateMs }: Omit<Moments, 'reportMs'>,
): string | null {
  const cutMs = cutToMs - cutFromMs
  if (cutMs + undoLateMs <= roomMs) return null
  const late = `the cut took ${cutMs.toFixed()} ms and was undone ${undoLateMs.toFixed()} ms late`
  return `${late}, ${roomMs} ms are allowed for both: the machine is too busy`
}

/** When the scenario must have been reported, or until when nothing may be; from the cut, in ms. */
export function boundOf(scenario: Scenario): number {
  if (scenario.expect === null) return scenario.holdMs ?? Number.NaN
  const { detectionMs } = KeepalivePolicy.from(scenario.policy)
  return (detectionMs ?? Number.NaN) * LATE_SHARE + LATE_MS
}

/** Every way in which the report differs from what was declared; empty when it agrees. */
export function judge(
  scenario: Scenario,
  completion: DisconnectCompletion | null,
  moments: Moments,
): string[] {
  const { expect } = scenario
  const excuse = inconclusive(scenario, moments)
  if (excuse !== null) return [excuse]
  if (expect === null) {
    return completion === null ? [] : [`reported ${completion.reason} ${completion.code ?? ''}`]
  }
  if (completion === null || moments.reportMs === null) {
    return [`not reported, but ${expect.reason} was to be`]
  }
  const problems: string[] = []
  const same = (name: string, found: unknown, wanted: unknown): void => {
    if (found !== wanted) problems.push(`${name} is ${String(found)}, not ${String(wanted)}`)
  }
  same('reason', completion.reason, expect.reason)
  same('actor', completion.actor, expect.actor)
  same('code', completion.code, expect.code)
  if (expect.decidedBy !== undefined) {
    same('decidedBy', completion.evidence.decidedBy, expect.decidedBy)
  }
  return [...problems, ...untimely(scenario, completion, moments)]
}

function untimely(
  scenario: Scenario,
  { detectedMs }: DisconnectCompletion,
  { cutFromMs, cutToMs, reportMs }: Moments,
): string[] {
  const problems: string[] = []
  // Where the cut lies between two moments, neither side is blamed for what the other explains.
  const leastMs = (reportMs ?? Number.NaN) - cutToMs
  const mostMs = (reportMs ?? Number.NaN) - cutFromMs
  const boundMs = boundOf(scenario)
  if (!(leastMs <= boundMs)) {
    problems.push(`reported ${leastMs.toFixed()} ms after the cut, the bound is ${boundMs} ms`)
  }
  const { window } = scenario
  if (window === undefined) return [...problems, 'no window is declared']
  const [earliest, latest] =
    window.since === 'cut'
      ? [mostMs, leastMs]
      : [detectedMs ?? Number.NaN, detectedMs ?? Number.NaN]
  if (!(earliest >= window.fromMs && latest <= window.toMs)) {
    const found = (window.since === 'cut' ? leastMs : (detectedMs ?? Number.NaN)).toFixed()
    const range = `${window.fromMs} to ${window.toMs} ms`
    problems.push(`reported ${found} ms since ${window.since}, the window is ${range}`)
  }
  return problems
}
