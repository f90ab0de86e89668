import { KeepalivePolicy } from '../core/keepalive-policy.js'
import { PATH_TIMEOUT_MS_MIN } from '../core/keepalive-policy-path.js'
import { isKeepalivePreset, KEEPALIVE_PRESET_NAMES } from '../core/presets.js'
import { durationArgument } from './quantities.js'
import { badArgument, UsageError } from './usage.js'

export const KEEPALIVE_ALLOWED = `one of ${KEEPALIVE_PRESET_NAMES.join(', ')}, or IDLE_MS/INTERVAL_MS/COUNT`

/** The policy that `--keepalive` names: a preset, or values such as 20000/5000/4. */
export function keepaliveArgument(text: string): KeepalivePolicy {
  if (isKeepalivePreset(text)) {
    return KeepalivePolicy.from(text)
  }
  const parts = /^(\d{1,9})\/(\d{1,9})\/(\d{1,9})$/.exec(text)
  if (parts === null) {
    throw badArgument('--keepalive', text, KEEPALIVE_ALLOWED)
  }
  const [idleMs, intervalMs, count] = parts.slice(1).map(Number) as [number, number, number]
  try {
    return KeepalivePolicy.from({ idleMs, intervalMs, count })
  } catch (error) {
    throw new UsageError(`--keepalive ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}

/** The policy on the path that `--path-timeout` tells of; without the option as it is. */
export function onPath(policy: KeepalivePolicy, text: string | undefined): KeepalivePolicy {
  if (text === undefined) {
    return policy
  }
  const pathTimeoutMs = durationArgument('--path-timeout', text, PATH_TIMEOUT_MS_MIN)
  try {
    return policy.withPathTimeout(pathTimeoutMs)
  } catch (error) {
    throw new UsageError(`--path-timeout ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}
