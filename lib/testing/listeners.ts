import type { NativeListening, NativeListenOptions } from '../native/reactor.js'

/** A bound port of a MemoryReactor. */
export interface MemoryListener {
  options: NativeListenOptions
  open: boolean
  referenced: boolean
  /** Arrivals told of so far. */
  arrived: number
  /** Of drainListener(). */
  graceMs: number | null
}

/** Adds one; its number is its place. */
export function addListener(
  listeners: MemoryListener[],
  options: NativeListenOptions,
): NativeListening {
  const added = { options, open: true, referenced: true, arrived: 0, graceMs: null }
  const listener = listeners.push(added) - 1
  const port = options.port === 0 ? 40_000 + listener : options.port
  return { listener, address: options.address, port, family: options.family }
}

/** The count that a record carries: cut to 32 bits, as by native. */
export function countArrived(listener: MemoryListener | undefined, more = 0): number {
  if (listener === undefined) {
    return 0
  }
  listener.arrived = (listener.arrived + more) | 0
  return listener.arrived
}
