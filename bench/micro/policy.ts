import { detectionMsOf, KeepalivePolicy } from '../../lib/core/keepalive-policy.js'
import type { MicroSuite } from './suite.js'

const settings = { idleMs: 60_000, intervalMs: 10_000, count: 6 }
const policy = KeepalivePolicy.from(settings)

/** Policy arithmetic: what conn.keepalive() and a model over many policies pay before any system call. */
export const policyArithmetic: MicroSuite = {
  name: 'keepalive policy',
  cases: {
    'detectionMs of given values': () => detectionMsOf(settings, 0),
    'policy from a preset': () => KeepalivePolicy.from('cloud-lb'),
    'policy from settings, validated': () => KeepalivePolicy.from(settings),
    'values for the kernel': () => policy.toNative({ livenessClock: true }),
  },
}
