import { type HoldfastRangeError, optionRange, optionType } from './errors.js'
import { type AskedBound, askedBound } from './keepalive-policy-asked.js'
import {
  LOSS_DEFAULT,
  LOSS_TOLERANCE_DEFAULT,
  lossChancePerDay,
  survivedOutageMs,
} from './keepalive-policy-loss.js'
import { checkPathTimeout, longestRoundMs, pathTimeoutFor } from './keepalive-policy-path.js'
import {
  BOUND_SECONDS_MAX,
  COUNT_MAX,
  fewestProbes,
  leastLoss,
  OUTAGE_MS_MAX,
  shortestBound,
} from './keepalive-policy-search.js'
import type { PresetValues } from './presets.js'
import { checkOptionNames, integerOption, numberOption, objectOption } from './validate.js'

/** What a policy has to stand besides its bound. */
export interface WithinOptions {
  /**
   * How long the path remembers an idle connection, at least 2260 ms. A whole round of probes, 13 %
   * late, stays within it. Default: for ever.
   */
  pathTimeoutMs?: number
  /** Chance that a segment is lost, each way, from 0 to below 1. Default 0.01. */
  loss?: number
  /**
   * Highest chance, per connection and day, that such loss ends a healthy connection; above 0, at
   * most 1. A demand when given; by default 0.0001, or as near to it as the bound permits.
   */
  lossTolerance?: number
  /**
   * An outage of this many ms ends no healthy connection. A demand when given; by default a quarter
   * of the bound, at most an hour, where the bound has room for it.
   */
  outageMs?: number
}

export interface Choice {
  readonly values: PresetValues
  readonly asked: AskedBound
  readonly pathTimeoutMs: number | null
  readonly warnings: readonly string[]
}

/** One second of silence and one for an answer. */
export const BOUND_MS_MIN = 2_000
const OUTAGE_SHARE_DEFAULT = 1 / 4
const OUTAGE_MS_DEFAULT_MAX = 3_600_000

const OPTION_NAMES = ['pathTimeoutMs', 'loss', 'lossTolerance', 'outageMs'] as const

/** Checked; null where the caller left it open. */
interface Demand {
  withinMs: number
  pathTimeoutMs: number | null
  loss: number
  lossTolerance: number | null
  outageMs: number | null
}

/**
 * The values that keep a bound with the fewest probes: the smallest count that keeps loss within
 * its tolerance, the shortest interval that outlasts the outage, and all that the bound leaves as
 * idle time. What was left open gives way where the bound is too short for it, first the outage,
 * then the tolerance (with a warning); what was demanded never does.
 * @throws HoldfastTypeError, HoldfastRangeError that says what would be possible
 */
export function chooseWithin(ms: unknown, options: unknown): Choice {
  const demand = checkDemand(ms, options)
  const { pathTimeoutMs, loss } = demand
  const boundMs = Math.min(
    demand.withinMs,
    longestRoundMs(pathTimeoutMs ?? Number.POSITIVE_INFINITY),
  )
  const seconds = Math.min(BOUND_SECONDS_MAX, Math.floor(boundMs / 1000))
  const tolerance = demand.lossTolerance ?? LOSS_TOLERANCE_DEFAULT
  const quarterMs = seconds * 1000 * OUTAGE_SHARE_DEFAULT
  const outageMs = demand.outageMs ?? Math.min(OUTAGE_MS_DEFAULT_MAX, quarterMs)
  const values =
    fewestProbes(seconds, { loss, tolerance, outageMs }) ??
    fewestProbes(seconds, { loss, tolerance, outageMs: demand.outageMs ?? 0 })
  if (values !== null) {
    return {
      values,
      asked: askedBound(demand.withinMs, seconds, values),
      pathTimeoutMs,
      warnings: [],
    }
  }
  const safest = leastLoss(seconds, loss, demand.outageMs ?? 0)
  if (safest === null || demand.lossTolerance !== null) {
    throw impossible(demand, seconds, safest)
  }
  const asked = askedBound(demand.withinMs, seconds, safest)
  const leaves =
    asked.limitedBy === 'path-timeout'
      ? `pathTimeoutMs ${pathTimeoutMs} ms leaves ${seconds * 1000} ms of ${demand.withinMs} ms, with`
      : `${seconds * 1000} ms have`
  const warning = `${leaves} room for ${probes(safest.count)}: at a loss of ${percent(loss)} each way a healthy idle connection is ended with a chance of ${percent(lossChancePerDay(safest, loss))} a day`
  return { values: safest, asked, pathTimeoutMs, warnings: [warning] }
}

function checkDemand(ms: unknown, input: unknown): Demand {
  const allowed = `at least ${BOUND_MS_MIN}, in whole ms: 1 s of silence and 1 s for one answer, since the kernel counts seconds`
  if (typeof ms !== 'number') {
    throw optionType('within', ms, allowed)
  }
  if (!Number.isSafeInteger(ms) || ms < BOUND_MS_MIN) {
    throw optionRange('within', ms, allowed)
  }
  const given = objectOption('options', input)
  checkOptionNames('within', given, OPTION_NAMES)
  const { pathTimeoutMs, loss, lossTolerance, outageMs } = given
  return {
    withinMs: ms,
    pathTimeoutMs: pathTimeoutMs === undefined ? null : checkPathTimeout(pathTimeoutMs),
    loss: loss === undefined ? LOSS_DEFAULT : checkLoss(loss),
    lossTolerance: lossTolerance === undefined ? null : checkTolerance(lossTolerance),
    outageMs:
      outageMs === undefined ? null : integerOption('outageMs', outageMs, 0, OUTAGE_MS_MAX, 'ms'),
  }
}

/** @throws HoldfastTypeError, HoldfastRangeError */
export function checkLoss(value: unknown): number {
  return numberOption('loss', value, 'a number from 0 to below 1', (it) => it >= 0 && it < 1)
}

function checkTolerance(value: unknown): number {
  const allowed = 'a number above 0, at most 1'
  return numberOption('lossTolerance', value, allowed, (it) => it > 0 && it <= 1)
}

/** Names the bound that would do; or, where none does, the chance that must be tolerated. */
function impossible(
  demand: Demand,
  seconds: number,
  safest: PresetValues | null,
): HoldfastRangeError {
  const { loss, lossTolerance, outageMs, pathTimeoutMs, withinMs } = demand
  const goals = { loss, tolerance: lossTolerance ?? 1, outageMs: outageMs ?? 0 }
  const enough = shortestBound(goals)
  if (enough === null) {
    // Never null: the longest bound has room for the longest outage.
    const best = leastLoss(BOUND_SECONDS_MAX, loss, goals.outageMs) as PresetValues
    const least = roundedUp(lossChancePerDay(best, loss))
    const why = `the kernel sends at most ${COUNT_MAX} probes, too few for it at a loss of ${loss}`
    return optionRange('lossTolerance', lossTolerance, `at least ${least}: ${why}`)
  }
  const wishes = [
    ...(lossTolerance === null ? [] : [`lossTolerance ${lossTolerance} at a loss of ${loss}`]),
    ...(outageMs === null ? [] : [`outageMs ${outageMs}`]),
  ].join(' and ')
  const possible =
    safest === null
      ? ''
      : ` (${seconds * 1000} ms have room for lossTolerance ${roundedUp(lossChancePerDay(safest, loss))} with outageMs ${survivedOutageMs(safest)})`
  const enoughMs = enough * 1000
  const path = pathTimeoutMs ?? Number.POSITIVE_INFINITY
  if (enoughMs <= withinMs) {
    const allowed = `at least ${pathTimeoutFor(enoughMs)} ms for ${wishes}${possible}`
    return optionRange('pathTimeoutMs', pathTimeoutMs, allowed)
  }
  const also =
    enoughMs <= longestRoundMs(path) ? '' : ` and pathTimeoutMs ${pathTimeoutFor(enoughMs)}`
  return optionRange('within', withinMs, `at least ${enoughMs} ms${also} for ${wishes}${possible}`)
}

function probes(count: number): string {
  return count === 1 ? 'one probe' : `${count} probes`
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

/** Three digits, never below the value: what is printed can be asked for. */
function roundedUp(value: number): number {
  const printed = Number(value.toPrecision(3))
  if (printed >= value) {
    return printed
  }
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2)
  return Number((printed + unit).toPrecision(3))
}
