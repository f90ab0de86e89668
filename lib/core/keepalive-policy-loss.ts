import type { PresetValues } from './presets.js'

// A model of random loss: each probe and each answer is lost with the same chance, independently of
// all others, on a connection that is otherwise idle. Its limits: real loss comes in bursts, which
// is what outageMs is for; data in either direction takes the place of a probe; and an answer that
// comes late still counts, so delay ends nobody.

/** Chance that a segment is lost, each way. A public path in a bad hour; a wired one has far less. */
export const LOSS_DEFAULT = 0.01

/** Chance a day at which a healthy connection may be ended by loss alone: one in 10,000. */
export const LOSS_TOLERANCE_DEFAULT = 1e-4

const DAY_MS = 86_400_000

/** Chance that one probe stays unanswered: it was lost, or its answer. 1 - (1 - loss)^2. */
export function questionLoss(loss: number): number {
  // Exact for small rates too, where 1 - loss rounds.
  return loss * (2 - loss)
}

/** Chance that `probes` in a row stay unanswered although the peer lives. */
export function roundLoss(probes: number, loss: number): number {
  return questionLoss(loss) ** probes
}

/**
 * Chance that loss ends a healthy idle connection within a day: one round of probes each live
 * period, each with the same chance to go unanswered altogether. An upper bound, since a round that
 * loses a probe takes longer than a live period, so that there are fewer of them.
 */
export function lossChancePerDay(values: PresetValues, loss: number): number {
  const rounds = DAY_MS / Math.max(values.idleMs, values.intervalMs)
  return -Math.expm1(rounds * Math.log1p(-roundLoss(values.count, loss)))
}

/** Outages shorter than this end nobody: one of the probes is sent before or after them. */
export function survivedOutageMs(values: PresetValues): number {
  return values.intervalMs * (values.count - 1)
}
