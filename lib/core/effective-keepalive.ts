import type { NativeEffectiveKeepalive } from '../native/reactor.js'
import { detectionMsOf, type KeepalivePolicy } from './keepalive-policy.js'
import type { KeepalivePreset } from './presets.js'

/** A keepalive policy as the kernel holds it, read back from a socket. Times in milliseconds. */
export interface EffectiveKeepalive {
  /** The preset that was asked for; absent for custom values. */
  preset?: KeepalivePreset
  enabled: boolean
  idleMs: number
  intervalMs: number
  count: number
  /** 0: none. */
  userTimeoutMs: number
  /** Longest retransmission interval; 0: the system's own limit. */
  rtoMaxMs: number
  /** Within this a vanished peer is reported; null: perhaps never. */
  detectionMs: number | null
  /** Whether accepted sockets take it over from the listener, or get it one by one. */
  source: 'inherited' | 'per-socket'
  /** Whether the first accepted socket was found to agree; null while none was accepted. */
  verified: boolean | null
  /** What this system cannot set: idleMs, intervalMs, count, userTimeoutMs, rtoMaxMs, livenessClock. */
  unsupported: string[]
  /** Where the outcome differs from the request, or cannot be promised, one sentence each. */
  warnings: string[]
}

const COMPARED = ['idleMs', 'intervalMs', 'count', 'userTimeoutMs'] as const

/** What was read back, with the bound that follows from it and every difference from the request. */
export function effectiveKeepalive(
  policy: KeepalivePolicy,
  native: NativeEffectiveKeepalive,
): EffectiveKeepalive {
  const warnings = [...policy.warnings]
  if (native.enabled !== policy.enabled) {
    const [found, asked] = native.enabled ? ['on', 'off'] : ['off', 'on']
    warnings.push(`keepalive is ${found} in the kernel, asked for ${asked}`)
  } else if (native.enabled) {
    for (const name of COMPARED) {
      const asked = policy[name]
      // 'auto' and 'off' ask for no number.
      const differs = typeof asked === 'number' && native[name] !== asked
      if (differs && !native.unsupported.includes(name)) {
        warnings.push(`${name} is ${native[name]} in the kernel, asked for ${asked}`)
      }
    }
  }
  if (native.verified === false) {
    warnings.push('an accepted socket did not take over the values of its listener')
  }
  if (native.failed !== undefined) {
    warnings.push(`setting the policy on an accepted socket failed with ${native.failed}`)
  }
  if (native.enabled && outpaced(native.unsupported)) {
    warnings.push(
      'this kernel cannot cap the distance of window probes: behind a closed window detection may take up to two minutes longer',
    )
  }
  return {
    ...(policy.preset === null ? {} : { preset: policy.preset }),
    enabled: native.enabled,
    idleMs: native.idleMs,
    intervalMs: native.intervalMs,
    count: native.count,
    userTimeoutMs: native.userTimeoutMs,
    rtoMaxMs: native.rtoMaxMs,
    detectionMs: native.enabled ? detectionMsOf(native, native.userTimeoutMs) : null,
    source: native.source,
    verified: native.verified,
    unsupported: [...native.unsupported],
    warnings,
  }
}

/** The liveness clock judges by answers to probes, which then come no closer than the kernel sends them. */
function outpaced(unsupported: readonly string[]): boolean {
  return unsupported.includes('rtoMaxMs') && !unsupported.includes('livenessClock')
}
