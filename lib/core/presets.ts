/** Kernel probe settings in milliseconds; null switches keepalive off. */
export interface PresetValues {
  readonly idleMs: number
  readonly intervalMs: number
  readonly count: number
}

export type KeepalivePreset = 'lan-strict' | 'interactive' | 'cloud-lb' | 'nat' | 'mobile' | 'off'

/**
 * Named policies. The bound within which a vanished peer is reported is idle + interval * count.
 * RFC 1122 4.2.3.6 makes keepalive optional and off by default, with at least two hours of idle time
 * unless configured; these values configure it.
 */
export const KEEPALIVE_PRESETS: Readonly<Record<KeepalivePreset, PresetValues | null>> = {
  'lan-strict': { idleMs: 5_000, intervalMs: 1_000, count: 4 },
  interactive: { idleMs: 20_000, intervalMs: 5_000, count: 4 },
  'cloud-lb': { idleMs: 60_000, intervalMs: 10_000, count: 6 },
  nat: { idleMs: 110_000, intervalMs: 15_000, count: 5 },
  mobile: { idleMs: 225_000, intervalMs: 15_000, count: 5 },
  off: null,
}

/** What each preset is for, and where its values come from. */
export const KEEPALIVE_PRESET_NOTES: Readonly<
  Record<KeepalivePreset, { readonly purpose: string; readonly basis: string }>
> = {
  'lan-strict': {
    purpose: 'services in one rack, game sessions',
    basis: 'nothing on the path forgets; only how soon you want to know counts',
  },
  interactive: {
    purpose: 'chat, trading screens',
    basis: 'somebody is waiting',
  },
  'cloud-lb': {
    purpose: 'behind a layer-4 balancer; the default',
    basis: 'stays under the idle timeouts of Azure (240 s), AWS (350 s) and Google Cloud (600 s)',
  },
  nat: {
    purpose: 'home gateways',
    basis: 'a whole round of probes, late timers included, takes less than 4 minutes',
  },
  mobile: {
    purpose: 'phones',
    basis:
      'three probes, late timers included, within 5 minutes, a common memory of carriers; probes cost battery',
  },
  off: {
    purpose: 'connections that something else watches',
    basis: 'RFC 9293, 3.8.4: off unless an application asks for it',
  },
}

export const KEEPALIVE_PRESET_NAMES = Object.keys(KEEPALIVE_PRESETS) as readonly KeepalivePreset[]

export const DEFAULT_KEEPALIVE_PRESET: KeepalivePreset = 'cloud-lb'

export function isKeepalivePreset(name: string): name is KeepalivePreset {
  return Object.hasOwn(KEEPALIVE_PRESETS, name)
}
