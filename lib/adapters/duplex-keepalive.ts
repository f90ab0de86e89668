import type { Connection } from '../core/contract.js'
import type { KeepaliveSettings } from '../core/keepalive-policy.js'
import { DEFAULT_KEEPALIVE_PRESET, KEEPALIVE_PRESETS } from '../core/presets.js'

const MS_PER_SECOND = 1000

/**
 * What setKeepAlive(enable, initialDelay) means here: idleMs is the delay in whole seconds, cut as
 * Node cuts it, or stays with a delay below one. Interval, count and user timeout stay what they are,
 * or else the listener's, or else those of the default preset.
 */
export function setKeepAlive(
  connection: Connection,
  enable: boolean,
  initialDelayMs: number,
): void {
  if (!enable) {
    connection.keepalive(false)
    return
  }
  const idleMs = Math.floor(initialDelayMs / MS_PER_SECOND) * MS_PER_SECOND
  const base = inForce(connection)
  connection.keepalive(idleMs > 0 ? { ...base, idleMs } : base)
}

function inForce(connection: Connection): KeepaliveSettings {
  const own = connection.keepalive()
  const found = own.enabled ? own : connection.server.keepalive
  if (!found.enabled) {
    return KEEPALIVE_PRESETS[DEFAULT_KEEPALIVE_PRESET] as KeepaliveSettings
  }
  const { idleMs, intervalMs, count, userTimeoutMs } = found
  const settings = { idleMs, intervalMs, count }
  return userTimeoutMs === 0 ? settings : { ...settings, userTimeoutMs }
}
