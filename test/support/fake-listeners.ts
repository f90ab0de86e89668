import type { NativeListening, NativeListenOptions } from '../../lib/native/reactor.js'
import { KIND_REFUSED, REFUSAL_NAMES } from '../../lib/native/records.js'

/** A bound port of a FakeReactor. */
export interface FakeListener {
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
  listeners: FakeListener[],
  options: NativeListenOptions,
): NativeListening {
  const added = { options, open: true, referenced: true, arrived: 0, graceMs: null }
  const listener = listeners.push(added) - 1
  const port = options.port === 0 ? 40_000 + listener : options.port
  return { listener, address: options.address, port, family: options.family }
}

/** The count that a record carries: cut to 32 bits, as by native. */
export function countArrived(listener: FakeListener | undefined, more = 0): number {
  if (listener === undefined) return 0
  listener.arrived = (listener.arrived + more) | 0
  return listener.arrived
}

export function refusedRecord(
  of: FakeListener | undefined,
  listener: number,
  cause: string,
  count: number,
): number[] {
  const code = REFUSAL_NAMES.indexOf(cause as never)
  return [KIND_REFUSED, listener, code, count, 0, countArrived(of, count)]
}
