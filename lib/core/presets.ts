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
  // 9 s: same-rack services, game sessions.
  'lan-strict': { idleMs: 5_000, intervalMs: 1_000, count: 4 },
  // 40 s: chat, trading screens.
  interactive: { idleMs: 20_000, intervalMs: 5_000, count: 4 },
  // 120 s: behind a layer-4 balancer; stays under the idle timeouts of the large clouds (240, 350, 600 s).
  'cloud-lb': { idleMs: 60_000, intervalMs: 10_000, count: 6 },
  // 185 s: home gateways, which forget after about 4 minutes even if one probe is lost.
  nat: { idleMs: 110_000, intervalMs: 15_000, count: 5 },
  // 300 s: phones; carriers forget after about 5 minutes, and each probe costs battery.
  mobile: { idleMs: 225_000, intervalMs: 15_000, count: 5 },
  off: null,
}

export const KEEPALIVE_PRESET_NAMES = Object.keys(KEEPALIVE_PRESETS) as readonly KeepalivePreset[]

export const DEFAULT_KEEPALIVE_PRESET: KeepalivePreset = 'cloud-lb'

export function isKeepalivePreset(name: string): name is KeepalivePreset {
  return Object.hasOwn(KEEPALIVE_PRESETS, name)
}
