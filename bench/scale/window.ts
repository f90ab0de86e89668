import { setTimeout as sleep } from 'node:timers/promises'
import type { Reading, Soak } from './reading.js'

/** A frame has what loopback does not: Ethernet's header. */
const ethernetBytes = 14

/** What went on between two readings, in cores and per second. */
export interface Window {
  readonly machineCores: number
  readonly serverCores: number
  readonly clientCores: number
  readonly stolenCores: number
  readonly wakeUpsPerSecond: number
  readonly probesPerSecond: number
  readonly beatsPerSecond: number
  readonly wireBytesPerSecond: number
  readonly dropped: number
  /** Until its end, since the fleet began. */
  readonly lost: number
}

export async function measureWindow(soak: Soak, ms: number): Promise<Window> {
  const begin = await soak.read('begin')
  await sleep(ms)
  const window = windowBetween(begin, await soak.read('end'))
  expectAllMeasured(window)
  return window
}

/** Clocks are read one after the other, and a gap of the soak's is cut to what it can tell. */
const clocksTolerance = 0.05
const clocksToleranceCores = 0.005

/** Whatever a process of the fleet had of its core was taken from the soak. */
export function expectAllMeasured(
  window: Pick<Window, 'machineCores' | 'serverCores' | 'clientCores'>,
): void {
  const fleetCores = window.serverCores + window.clientCores
  if (window.machineCores >= fleetCores * (1 - clocksTolerance) - clocksToleranceCores) return
  const of = (cores: number) => cores.toFixed(4)
  throw new Error(
    `of ${of(fleetCores)} cores of servers and clients the soak has seen ${of(window.machineCores)}`,
  )
}

function windowBetween(begin: Reading, end: Reading): Window {
  const of = (name: keyof Reading) => end[name] - begin[name]
  const wallNs = of('wallNs')
  const perSecond = (name: keyof Reading) => (of(name) * 1e9) / wallNs
  return {
    machineCores: of('takenNs') / wallNs,
    serverCores: of('serverCpuNs') / wallNs,
    clientCores: of('clientCpuNs') / wallNs,
    stolenCores: of('stolenNs') / wallNs,
    wakeUpsPerSecond: perSecond('wakeUps'),
    probesPerSecond: perSecond('keepaliveProbes'),
    beatsPerSecond: perSecond('beats'),
    wireBytesPerSecond: perSecond('loopbackBytes') + ethernetBytes * perSecond('loopbackPackets'),
    dropped: of('droppedSegments'),
    lost: end.lost,
  }
}

/** Of the machine's work, what was in no process of the fleet. */
const unattributed = (window: Window) =>
  window.machineCores - window.serverCores - window.clientCores

/** In a quiet window that is what other programs and the host used, and a timer tick now and then. */
const foreignCores = (window: Window) => unattributed(window) + window.stolenCores

/** What asking added to a quiet window before it and one behind it. */
export function addedFigures(
  window: Window,
  [before, after]: readonly [Window, Window],
  asksPerSecond: number,
): Record<string, number> {
  const added = (of: (window: Window) => number) => of(window) - (of(before) + of(after)) / 2
  const machineCpuCores = added(({ machineCores }) => machineCores)
  const serverCpuCores = added(({ serverCores }) => serverCores)
  const wakeUps = added(({ wakeUpsPerSecond }) => wakeUpsPerSecond)
  return {
    asksPerSecond,
    machineCpuCores,
    serverCpuCores,
    clientCpuCores: added(({ clientCores }) => clientCores),
    softirqCores: added(unattributed),
    noiseCores: Math.abs(before.machineCores - after.machineCores),
    cpuUs: (machineCpuCores * 1e6) / asksPerSecond,
    serverCpuUs: (serverCpuCores * 1e6) / asksPerSecond,
    wakeUpsPerSecond: wakeUps,
    dropped: window.dropped,
    lost: after.lost - before.lost,
    disturbance: (foreignCores(before) + foreignCores(after)) / 2,
  }
}

/** Of a quiet window, which has nothing to be compared with. */
export function quietFigures([before, after]: readonly [Window, Window]): Record<string, number> {
  const mean = (of: (window: Window) => number) => (of(before) + of(after)) / 2
  return {
    asksPerSecond: 0,
    machineCpuCores: mean(({ machineCores }) => machineCores),
    serverCpuCores: mean(({ serverCores }) => serverCores),
    clientCpuCores: mean(({ clientCores }) => clientCores),
    softirqCores: mean(unattributed),
    noiseCores: Math.abs(before.machineCores - after.machineCores),
    wakeUpsPerSecond: mean(({ wakeUpsPerSecond }) => wakeUpsPerSecond),
    dropped: before.dropped + after.dropped,
    lost: 0,
    disturbance: mean(foreignCores),
  }
}
