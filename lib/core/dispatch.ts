// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'
import type { NativeReactor } from '../native/reactor.js'
import {
  DESTROY_PLAINLY,
  KIND_BEAT,
  KIND_CLOSED,
  KIND_DATA,
  KIND_DRAIN,
  KIND_DRAINED,
  KIND_END,
  KIND_ENDING,
  KIND_OPEN,
  KIND_REFUSED,
  RECORD_WORDS,
} from '../native/records.js'
import { runCleanup } from './cleanup.js'
import { buildCompletion } from './completion.js'
import { TcpConnection } from './connection.js'
import { add, BYTES_DROPPED, BYTES_READ, THROTTLED } from './counters.js'
import { ADAPTED, BLOCKED, CLOSED, DESTROYED, GONE, HOLDING, STOPPED, WAITING } from './flags.js'
import {
  callData,
  callEnd,
  dropHeld,
  followResult,
  holdChunk,
  holdEnd,
  releaseHeld,
  releaseSoon,
} from './handler-calls.js'
import type { Reader } from './reader.js'
import { REASON_LOCAL_ABORT, refusalOf } from './reasons.js'
import { ReceivePool } from './receive-pool.js'
import type { ServerState } from './server-state.js'
import type { Submitter } from './submit.js'

/**
 * Turns a batch of completion records into calls of handlers. One call of deliver() is one turn of
 * the reactor; it allocates nothing per record but the Buffer that `data` hands out.
 */
export class Dispatcher {
  /** Open connections by slot. Packed: slots never seen hold null. */
  readonly connections: (TcpConnection | null)[] = []
  /** Servers by listener number. */
  readonly servers = new Map<number, ServerState>()
  readonly #submit: Submitter
  readonly #pool = new ReceivePool()
  readonly #records: Int32Array
  readonly #slab: Buffer
  readonly #words: Float64Array

  constructor(native: NativeReactor, submit: Submitter) {
    this.#submit = submit
    this.#records = new Int32Array(native.completions)
    this.#slab = Buffer.from(native.receiveSlab)
    this.#words = new Float64Array(native.receiveSlab)
  }

  /** Never throws. A handler that does ends its own connection, and the batch goes on. */
  deliver(count: number, slabBytes: number): void {
    const records = this.#records
    const pool = this.#pool
    // The slab from `copiedFrom` to `copiedTo` has been copied to the pool, `shift` bytes further.
    let copiedFrom = 0
    let copiedTo = 0
    let shift = 0
    const end = count * RECORD_WORDS
    for (let base = 0; base < end; base += RECORD_WORDS) {
      const kind = records[base]
      if (kind === KIND_OPEN) {
        this.#opened(base)
        continue
      }
      if (kind === KIND_REFUSED || kind === KIND_DRAINED) {
        this.#listenerSaid(base)
        continue
      }
      const connection = this.#find(base)
      if (connection === null) {
        continue
      }
      try {
        if (kind === KIND_DATA) {
          const offset = records[base + 3] as number
          const length = records[base + 4] as number
          const { home, flags } = connection
          add(home.counters.totals, BYTES_READ, length)
          if ((flags & DESTROYED) !== 0) {
            continue
          }
          const reader = (flags & (HOLDING | STOPPED | ADAPTED)) === 0 ? home.reader : null
          if (reader?.borrows === true) {
            this.#read(reader, connection, this.#slab, offset, length)
            continue
          }
          if (offset < copiedFrom || offset + length > copiedTo) {
            shift = pool.copy(this.#slab, slabBytes, records, base, end)
            copiedFrom = offset
            copiedTo = pool.copiedTo
          }
          if (reader !== null) {
            this.#read(reader, connection, pool.bytes, offset + shift, length)
            continue
          }
          const chunk = Buffer.from(pool.memory, offset + shift, length)
          if ((flags & (STOPPED | HOLDING)) !== 0) {
            holdChunk(connection, chunk)
          } else {
            callData(connection, chunk)
          }
        } else if (kind === KIND_CLOSED) {
          this.#closed(connection, base)
        } else if ((connection.flags & DESTROYED) === 0) {
          this.#signalled(connection, base)
        }
      } catch (error) {
        connection.fail(error)
      }
    }
  }

  /** What the reader leaves is held: a copy, for the memory is the batch's. */
  #read(
    reader: Reader,
    connection: TcpConnection,
    bytes: Buffer,
    start: number,
    length: number,
  ): void {
    const end = start + length
    const at = reader.receive(connection, bytes, start, end, BLOCKED)
    if (at < end && (connection.flags & GONE) === 0) {
      holdChunk(connection, Buffer.from(bytes.subarray(at, end)))
      if ((connection.flags & ADAPTED) !== 0) {
        releaseSoon(connection)
      }
    }
  }

  /** The connection a record speaks of; null when its id is stale. */
  #find(base: number): TcpConnection | null {
    const slot = this.#records[base + 1] as number
    if (slot >= this.connections.length) {
      return null
    }
    const connection = this.connections[slot] as TcpConnection | null
    return connection !== null && connection.generation === this.#records[base + 2]
      ? connection
      : null
  }

  #signalled(connection: TcpConnection, base: number): void {
    const kind = this.#records[base]
    if (kind === KIND_DRAIN) {
      if ((connection.flags & ADAPTED) !== 0) {
        connection.extra?.adapter?.drain()
        return
      }
      const result = connection.home.handler.drain?.(connection)
      if (result !== undefined) {
        followResult(connection, result)
      }
      // Behind it: what waits may fill the queue again.
      connection.home.reader?.drained(connection)
    } else if (kind === KIND_BEAT) {
      const result = connection.home.handler.heartbeat?.(connection)
      if (result !== undefined) {
        followResult(connection, result)
      }
    } else if (kind === KIND_END) {
      // The end comes after the bytes before it, so it waits with them.
      if ((connection.flags & (STOPPED | HOLDING)) !== 0) {
        holdEnd(connection)
      } else {
        callEnd(connection)
      }
    } else if (kind === KIND_ENDING) {
      connection.endWith(this.#records[base + 3] as number)
    }
  }

  #listenerSaid(base: number): void {
    const records = this.#records
    const home = this.servers.get(records[base + 1] as number)
    if (home === undefined) {
      return
    }
    if (records[base] === KIND_DRAINED) {
      home.counters.arrived(records[base + 2] as number)
      home.drain?.drained()
      return
    }
    home.counters.arrived(records[base + 5] as number)
    home.refused(refusalOf(records[base + 2] as number), records[base + 3] as number)
  }

  #opened(base: number): void {
    const records = this.#records
    const slot = records[base + 1] as number
    const generation = records[base + 2] as number
    const home = this.servers.get(records[base + 3] as number)
    if (home === undefined) {
      // Its server is gone, so nobody could ever end it.
      this.#submit.destroy(slot, generation, REASON_LOCAL_ABORT, DESTROY_PLAINLY)
      return
    }
    const { connections } = this
    while (connections.length <= slot) {
      connections.push(null)
    }
    // One that handler.open begins has this connection in its line already.
    const { drain } = home
    const connection = new TcpConnection(home, slot, generation)
    const payloadBytes = records[base + 6] as number
    if (payloadBytes > 0) {
      const payload = records[base + 5] as number
      const end = payload + payloadBytes
      connection.needExtra().proxyPayload = this.#slab.toString('latin1', payload, end)
    }
    connections[slot] = connection
    home.counters.arrived(records[base + 4] as number)
    home.counters.opened()
    try {
      const result = home.handler.open?.(connection)
      if (result !== undefined) {
        followResult(connection, result)
      }
    } catch (error) {
      connection.fail(error)
    }
    drain?.join(connection)
  }

  #closed(connection: TcpConnection, base: number): void {
    const records = this.#records
    const { home, slot } = connection
    if ((connection.flags & HOLDING) !== 0) {
      // Not while it waits for another one's hooks: its client is served by one handler at a time.
      releaseHeld(connection, WAITING)
      dropHeld(connection)
    }
    home.reader?.forget(connection)
    connection.flags |= CLOSED
    this.connections[slot] = null
    const completion = buildCompletion(
      connection.id,
      records[base + 3] as number,
      records[base + 4] as number,
      records[base + 5] as number,
      records[base + 7] as number,
      this.#words,
      this.#slab,
    )
    connection.completion = completion
    home.counters.closed(completion.reason)
    // Native leaves in queuedBytes what it never gave to the kernel.
    add(home.counters.totals, BYTES_DROPPED, home.queuedBytes[slot] as number)
    add(home.counters.totals, THROTTLED, home.throttles[slot] as number)
    const { extra } = connection
    if (extra !== null) {
      if (extra.thrown !== null) {
        const { error } = extra.thrown
        if (completion.reason === 'handler-error' || completion.reason === 'protocol-error') {
          completion.error = error
        } else {
          home.reportError(error, { where: 'handler', connection, completion })
        }
      }
      extra.controller?.abort(completion)
      if (extra.adapter !== null) {
        const { adapter } = extra
        home.guard(() => adapter.close(completion), { where: 'handler', connection, completion })
      }
    }
    runCleanup(connection, completion)
  }
}
