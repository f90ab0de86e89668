import type { NativeKeepalive } from '../native/reactor.js'
import { optionRange, optionType, unknownPreset } from './errors.js'
import type { AskedBound } from './keepalive-policy-asked.js'
import { checkPathTimeout, pathWarnings } from './keepalive-policy-path.js'
import {
  checkSettings,
  checkUserTimeout,
  type KeepaliveSettings,
  USER_TIMEOUT_MS_MAX,
  type UserTimeout,
} from './keepalive-policy-settings.js'
import { chooseWithin, type WithinOptions } from './keepalive-policy-within.js'
import {
  isKeepalivePreset,
  KEEPALIVE_PRESET_NAMES,
  KEEPALIVE_PRESETS,
  type KeepalivePreset,
  type PresetValues,
} from './presets.js'

export type { KeepaliveSettings, UserTimeout } from './keepalive-policy-settings.js'

export type KeepaliveInput = KeepalivePreset | KeepaliveSettings | KeepalivePolicy | false

// TCP_RTO_MAX_MS accepts 1 to 120 seconds.
const RTO_MS_MIN = 1_000
const RTO_MS_MAX = 120_000

// The user timeout agrees with the probe count when it expires just before the last probe's answer is due.
const USER_TIMEOUT_MARGIN_MS = 200

/**
 * How soon a vanished peer is reported, in ms from the moment it vanished: the last answer may be one
 * live period old. A user timeout (0: none) ends the probing at the first tick at or after it, with at
 * least one probe out, whatever the count says.
 */
export function detectionMsOf(values: PresetValues, userTimeoutMs: number): number {
  const { idleMs, intervalMs } = values
  return Math.max(idleMs, intervalMs) + intervalMs * probesOf(values, userTimeoutMs)
}

/** Unanswered probes after which an idle peer counts as gone, with a user timeout (0: none). */
function probesOf(values: PresetValues, userTimeoutMs: number): number {
  const { idleMs, intervalMs, count } = values
  return userTimeoutMs === 0 ? count : Math.max(1, Math.ceil((userTimeoutMs - idleMs) / intervalMs))
}

interface PolicyParts {
  preset: KeepalivePreset | null
  values: PresetValues | null
  userTimeoutMs: UserTimeout
  pathTimeoutMs: number | null
  /** Of `within`; null for values that were given. */
  asked: AskedBound | null
  /** Warnings that arose when the values were chosen. */
  notes: readonly string[]
}

/** An immutable, validated keepalive policy. Knows its own detection bound; touches no socket. */
export class KeepalivePolicy {
  static readonly presets = KEEPALIVE_PRESETS

  /** The preset these values equal by name; null for custom values. */
  readonly preset: KeepalivePreset | null
  readonly enabled: boolean
  readonly idleMs: number
  readonly intervalMs: number
  readonly count: number
  readonly userTimeoutMs: UserTimeout
  /**
   * Bound for reporting a vanished peer, in ms; null when keepalive is off. Late timers may add 13 %
   * and one second.
   */
  readonly detectionMs: number | null
  /** How long the path is said to remember an idle connection, in ms; null: not said. */
  readonly pathTimeoutMs: number | null
  /** What `within` was asked for, and why the bound is shorter; null for other policies. */
  readonly asked: AskedBound | null
  /** What was changed to fit the kernel, and what cannot be promised, one sentence each. */
  readonly warnings: readonly string[]
  readonly #parts: PolicyParts

  private constructor(parts: PolicyParts) {
    const { values, userTimeoutMs, pathTimeoutMs } = parts
    this.#parts = parts
    this.preset = parts.preset
    this.enabled = values !== null
    this.idleMs = values?.idleMs ?? 0
    this.intervalMs = values?.intervalMs ?? 0
    this.count = values?.count ?? 0
    this.userTimeoutMs = userTimeoutMs
    this.pathTimeoutMs = pathTimeoutMs
    this.asked = parts.asked
    const explicitMs = typeof userTimeoutMs === 'number' ? userTimeoutMs : 0
    this.detectionMs = values === null ? null : detectionMsOf(values, explicitMs)
    const probes = values === null ? 0 : probesOf(values, explicitMs)
    this.warnings = [
      ...parts.notes,
      ...overrideWarnings(explicitMs, this.count, probes),
      ...(pathTimeoutMs === null ? [] : pathWarnings(values, probes, pathTimeoutMs)),
    ]
  }

  /**
   * A policy from a preset's name, settings, another policy, or false (off).
   * @throws HoldfastTypeError, HoldfastRangeError naming the setting, its value and what is allowed
   */
  static from(input: KeepaliveInput): KeepalivePolicy {
    if (input instanceof KeepalivePolicy) {
      return input
    }
    if (input === false) {
      return new KeepalivePolicy(partsOf('off', null, 'off'))
    }
    if (typeof input === 'string') {
      if (!isKeepalivePreset(input)) {
        throw unknownPreset(input, KEEPALIVE_PRESET_NAMES)
      }
      const values = KEEPALIVE_PRESETS[input]
      return new KeepalivePolicy(partsOf(input, values, values === null ? 'off' : 'auto'))
    }
    if (typeof input !== 'object' || input === null) {
      throw optionType('keepalive', input, 'a preset, { idleMs, intervalMs, count }, or false')
    }
    const { values, userTimeoutMs, warnings } = checkSettings(input)
    return new KeepalivePolicy(partsOf(null, values, userTimeoutMs, warnings))
  }

  /**
   * The policy that reports a vanished peer within `ms` and asks a live one least often: the fewest
   * probes in a row that keep random loss from ending healthy connections, spread over an outage,
   * and the rest of the bound as idle time. `ms` is the bound by the policy, detectionMs: late timers
   * may add 13 % and one second, so that 30000 is 34900 ms at the latest.
   * @throws HoldfastTypeError; HoldfastRangeError that says what would be possible: a bound below
   *   2000 ms, a path that forgets sooner than 2260 ms, demands that the bound has no room for
   */
  static within(ms: number, options: WithinOptions = {}): KeepalivePolicy {
    const { values, asked, pathTimeoutMs, warnings } = chooseWithin(ms, options)
    return new KeepalivePolicy({ ...partsOf(null, values, 'auto', warnings), asked, pathTimeoutMs })
  }

  /**
   * The same probes with another user timeout.
   * @throws HoldfastRangeError when keepalive is off: there is nothing to bound
   */
  withUserTimeout(userTimeoutMs: UserTimeout): KeepalivePolicy {
    checkUserTimeout('userTimeoutMs', userTimeoutMs)
    if (!this.enabled) {
      if (typeof userTimeoutMs === 'number') {
        throw optionRange('userTimeoutMs', userTimeoutMs, "'auto' or 'off' while keepalive is off")
      }
      return this
    }
    return new KeepalivePolicy({ ...this.#parts, userTimeoutMs })
  }

  /**
   * The same policy on a path that forgets an idle connection after that long (a firewall, a NAT, a
   * balancer): 2260 ms and more. It is refused where a live peer is asked too late, and warns where
   * lost probes would make it so.
   * @throws HoldfastTypeError, HoldfastRangeError that says which idle time would be possible
   */
  withPathTimeout(pathTimeoutMs: number): KeepalivePolicy {
    return new KeepalivePolicy({ ...this.#parts, pathTimeoutMs: checkPathTimeout(pathTimeoutMs) })
  }

  /**
   * The values to hand to the kernel; null when keepalive is off. The cap on retransmission
   * intervals gives the liveness clock at least six unanswered questions within the bound.
   */
  toNative(system: { livenessClock: boolean }): NativeKeepalive | null {
    if (this.detectionMs === null) {
      return null
    }
    const { idleMs, intervalMs, count, detectionMs } = this
    const rtoMs = Math.max(intervalMs, Math.ceil(detectionMs / 6))
    let userTimeoutMs = 0
    if (typeof this.userTimeoutMs === 'number') {
      userTimeoutMs = this.userTimeoutMs
    } else if (this.userTimeoutMs === 'auto' && !system.livenessClock) {
      const justUnderMs = idleMs + intervalMs * count - USER_TIMEOUT_MARGIN_MS
      // Cut off at the kernel's 24.8 days it would replace the count, and the bound would no longer
      // be the policy's. Left out, the kernel gives up on data far sooner (tcp_retries2, tcp(7)).
      userTimeoutMs = justUnderMs > USER_TIMEOUT_MS_MAX ? 0 : justUnderMs
    }
    const rtoMaxMs = Math.min(RTO_MS_MAX, Math.max(RTO_MS_MIN, rtoMs))
    return { idleMs, intervalMs, count, userTimeoutMs, rtoMaxMs, detectionMs }
  }
}

function partsOf(
  preset: KeepalivePreset | null,
  values: PresetValues | null,
  userTimeoutMs: UserTimeout,
  notes: readonly string[] = [],
): PolicyParts {
  return { preset, values, userTimeoutMs, pathTimeoutMs: null, asked: null, notes }
}

/** A user timeout (0: none) that does not agree with the count takes its place. */
function overrideWarnings(userTimeoutMs: number, count: number, probes: number): string[] {
  if (userTimeoutMs === 0 || probes === count) {
    return []
  }
  const instead = probes === 1 ? 'one unanswered probe' : `${probes} unanswered probes`
  return [
    `userTimeoutMs ${userTimeoutMs} ms replaces the count of ${count}: an idle peer is given up after ${instead}`,
  ]
}
