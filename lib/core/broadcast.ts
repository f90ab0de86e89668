import { BROADCAST_ENDED, BROADCAST_TAKEN } from '../native/records.js'
import { TcpConnection } from './connection.js'
import type { BroadcastOptions, BroadcastResult } from './contract.js'
import { add, BYTES_HANDED_OVER, WRITES_AFTER_END } from './counters.js'
import { optionType } from './errors.js'
import { NOT_WRITABLE } from './flags.js'
import { REASON_SLOW_CONSUMER } from './reasons.js'
import type { ServerState } from './server-state.js'
import { bytesOf } from './submit.js'
import { checkOptionNames, objectOption } from './validate.js'

// Two words for each connection: slot, generation. Kept, as a large typed array is slow to make.
let ids = new Uint32Array(2 * 256)

/** Hands the same bytes to many connections of one server, by one call into native code. */
export function broadcast(
  home: ServerState,
  listener: number,
  all: Iterable<TcpConnection>,
  data: string | Uint8Array,
  options: BroadcastOptions,
): BroadcastResult {
  const named = objectOption('broadcast: options', options)
  checkOptionNames('broadcast', named, ['encoding', 'to', 'except'])
  // First of all: to iterate is to run code of the caller, which may end connections or write.
  const targets = targetsOf(home, all, named)
  const bytes = bytesOf('broadcast', data, options.encoding ?? 'utf8')
  const { length } = bytes
  const { queuedBytes, wantsDrain, maxQueuedBytes, highWatermarkBytes } = home
  let given = 0
  let waiting = 0
  let ended = 0
  if (ids.length < 2 * targets.length) {
    ids = new Uint32Array(4 * targets.length)
  }
  for (const connection of targets) {
    const { slot } = connection
    if ((connection.flags & NOT_WRITABLE) !== 0) {
      add(home.counters.totals, WRITES_AFTER_END, 1)
      continue
    }
    const queued = (queuedBytes[slot] as number) + length
    if (queued > maxQueuedBytes) {
      connection.destroyWith(REASON_SLOW_CONSUMER, false)
      ended++
      continue
    }
    queuedBytes[slot] = queued
    ids[2 * given] = slot
    ids[2 * given + 1] = connection.generation
    given++
  }
  add(home.counters.totals, BYTES_HANDED_OVER, given * length)
  if (given === 0 || length === 0) {
    return { taken: given, waiting, ended }
  }
  home.native.broadcast(listener, ids, given, bytes)
  let taken = 0
  for (let at = 0; at < given; at++) {
    const slot = ids[2 * at] as number
    const outcome = ids[2 * at + 1]
    if (outcome === BROADCAST_TAKEN) {
      taken++
      // Native has subtracted what the kernel took already.
      if ((queuedBytes[slot] as number) > highWatermarkBytes) {
        wantsDrain[slot] = 1
        waiting++
      }
    } else if (outcome === BROADCAST_ENDED) {
      ended++
    }
  }
  return { taken, waiting, ended }
}

function targetsOf(
  home: ServerState,
  all: Iterable<TcpConnection>,
  { to, except }: Readonly<Record<string, unknown>>,
): TcpConnection[] {
  if (except !== undefined) {
    checkOwn(home, 'except', except)
  }
  const targets: TcpConnection[] = []
  if (to === undefined) {
    for (const connection of all) {
      if (connection !== except && connection.writable) {
        targets.push(connection)
      }
    }
    return targets
  }
  if (typeof (to as { [Symbol.iterator]?: unknown } | null)?.[Symbol.iterator] !== 'function') {
    throw optionType('broadcast: to', to, 'an iterable of connections')
  }
  for (const connection of to as Iterable<unknown>) {
    checkOwn(home, 'to', connection)
    if (connection !== except) {
      targets.push(connection)
    }
  }
  return targets
}

function checkOwn(
  home: ServerState,
  option: 'to' | 'except',
  value: unknown,
): asserts value is TcpConnection {
  if (!(value instanceof TcpConnection) || value.home !== home) {
    const allowed =
      option === 'to' ? 'only connections of this server' : 'a connection of this server'
    throw optionType(`broadcast: ${option}`, value, allowed)
  }
}
