import { HoldfastError } from './errors.js'
import type { NativeLayout } from './reactor.js'
import {
  ADDRESS_BYTES,
  BROADCAST_OUTCOMES,
  COMPLETION_KINDS,
  CONTROL_SLAB_USED,
  CONTROL_SUBMISSIONS,
  EVIDENCE_FIELDS,
  ID_SLOTS,
  OPEN_PEER_BYTES,
  REASON_NAMES,
  RECORD_WORDS,
  REFUSAL_NAMES,
  SOCKET_FIELDS,
  SOCKET_ROW_WORDS,
  SOCKET_TIMERS,
  SUBMISSION_OPS,
} from './records.js'

/** One sentence per difference between the addon's layout and this package's; empty when they agree. */
export function layoutDifferences(layout: NativeLayout): string[] {
  const differences: string[] = []
  // An addon of another version may lack a list altogether.
  const names = (list: readonly string[] | undefined): readonly string[] => list ?? []
  const numbers: [string, number | undefined, number][] = [
    ['recordWords', layout.recordWords, RECORD_WORDS],
    ['addressBytes', layout.addressBytes, ADDRESS_BYTES],
    ['openPeerBytes', layout.openPeerBytes, OPEN_PEER_BYTES],
    ['controlSubmissionCount', layout.controlSubmissionCount, CONTROL_SUBMISSIONS],
    ['controlSubmitBytes', layout.controlSubmitBytes, CONTROL_SLAB_USED],
    ['socketRowWords', layout.socketRowWords, SOCKET_ROW_WORDS],
  ]
  for (const [name, actual, expected] of numbers) {
    if (actual !== expected) {
      differences.push(`${name} is ${actual ?? 'missing'}, expected ${expected}`)
    }
  }
  if (layout.maxConnections > ID_SLOTS) {
    differences.push(`maxConnections is ${layout.maxConnections}, at most ${ID_SLOTS} fit an id`)
  }
  const lists: [string, readonly string[], readonly string[]][] = [
    ['evidenceFields', names(layout.evidenceFields), EVIDENCE_FIELDS],
    ['socketFields', names(layout.socketFields), SOCKET_FIELDS],
    ['socketTimers', names(layout.socketTimers), SOCKET_TIMERS],
    ['reasons', names(layout.reasons), REASON_NAMES],
    ['refusals', names(layout.refusals), REFUSAL_NAMES],
    // Index 0 is never used as a kind or an operation, whatever the addon calls it.
    ['completionKinds', names(layout.completionKinds).slice(1), COMPLETION_KINDS.slice(1)],
    ['submissionOps', names(layout.submissionOps).slice(1), SUBMISSION_OPS.slice(1)],
    ['broadcastOutcomes', names(layout.broadcastOutcomes), BROADCAST_OUTCOMES],
  ]
  for (const [name, actual, expected] of lists) {
    const length = Math.max(actual.length, expected.length)
    for (let index = 0; index < length; index++) {
      if (actual[index] !== expected[index]) {
        differences.push(`${name}: found ${actual[index]}, expected ${expected[index]}`)
        break
      }
    }
  }
  return differences
}

/**
 * Refuses an addon built from other sources than this package.
 * @throws HoldfastError ERR_HOLDFAST_LAYOUT
 */
export function checkLayout(layout: NativeLayout): void {
  const differences = layoutDifferences(layout)
  if (differences.length > 0) {
    throw new HoldfastError(
      'ERR_HOLDFAST_LAYOUT',
      `the native addon does not match this version of holdfast; build it again (${differences.join('; ')})`,
    )
  }
}
