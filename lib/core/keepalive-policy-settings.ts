import { optionRange, optionType } from './errors.js'
import type { PresetValues } from './presets.js'
import { checkOptionNames, integerOption } from './validate.js'

/**
 * When TCP_USER_TIMEOUT (tcp(7), RFC 5482) is set: 'auto' only where the system has no liveness
 * clock, just under the detection time; 'off' never; a number of milliseconds always. With a number
 * the kernel also ends live peers that read slowly, and the number replaces the probe count.
 */
export type UserTimeout = number | 'auto' | 'off'

/** Probe settings, as in tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT. */
export interface KeepaliveSettings {
  /** Silence before the first probe, 1000 to 32767000 ms; rounded up to whole seconds. */
  idleMs: number
  /** Between unanswered probes, 1000 to 32767000 ms; rounded up to whole seconds. */
  intervalMs: number
  /** Unanswered probes before the peer counts as gone, 1 to 127. */
  count: number
  /** Default 'auto'. A number from 1 to 2147483647 ms. */
  userTimeoutMs?: UserTimeout
}

// The kernel's limits: 1..32767 seconds, 1..127 probes, 0..2^31-1 ms; anything else is EINVAL.
const PROBE_MS_MIN = 1_000
const PROBE_MS_MAX = 32_767_000
const COUNT_MAX = 127
export const USER_TIMEOUT_MS_MAX = 2 ** 31 - 1

const SETTING_NAMES = ['idleMs', 'intervalMs', 'count', 'userTimeoutMs'] as const

export interface CheckedSettings {
  readonly values: PresetValues
  readonly userTimeoutMs: UserTimeout
  /** What was rounded. */
  readonly warnings: readonly string[]
}

/** @throws HoldfastTypeError, HoldfastRangeError naming the setting, its value and what is allowed */
export function checkSettings(input: KeepaliveSettings): CheckedSettings {
  checkOptionNames('keepalive', { ...input }, SETTING_NAMES)
  const warnings: string[] = []
  const values = {
    idleMs: wholeSeconds('keepalive.idleMs', input.idleMs, warnings),
    intervalMs: wholeSeconds('keepalive.intervalMs', input.intervalMs, warnings),
    count: integerOption('keepalive.count', input.count, 1, COUNT_MAX, 'probes'),
  }
  const userTimeoutMs = checkUserTimeout('keepalive.userTimeoutMs', input.userTimeoutMs ?? 'auto')
  return { values, userTimeoutMs, warnings }
}

function wholeSeconds(name: string, value: unknown, warnings: string[]): number {
  const ms = integerOption(name, value, PROBE_MS_MIN, PROBE_MS_MAX, 'ms')
  const rounded = Math.ceil(ms / 1000) * 1000
  if (rounded !== ms) {
    warnings.push(`${name} ${ms} ms was rounded up to ${rounded} ms: the kernel counts seconds`)
  }
  return rounded
}

/** @throws HoldfastTypeError, HoldfastRangeError */
export function checkUserTimeout(name: string, value: unknown): UserTimeout {
  if (value === 'auto' || value === 'off') {
    return value
  }
  const allowed = `'auto', 'off' or an integer from 1 to ${USER_TIMEOUT_MS_MAX} ms`
  if (typeof value !== 'number') {
    throw optionType(name, value, allowed)
  }
  if (!Number.isInteger(value) || value < 1 || value > USER_TIMEOUT_MS_MAX) {
    throw optionRange(name, value, allowed)
  }
  return value
}
