// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'
import { isSharedArrayBuffer, isUint8Array } from 'node:util/types'
import type { NativeLayout, NativeReactor } from '../native/reactor.js'
import {
  CONTROL_SLAB_USED,
  CONTROL_SUBMISSIONS,
  OP_DESTROY,
  OP_END,
  OP_PAUSE,
  OP_PINGED,
  OP_READY,
  OP_RESUME,
  OP_WRITE,
  RECORD_WORDS,
} from '../native/records.js'
import type { WriteEncoding } from './contract.js'
import { badEncoding, optionType } from './errors.js'
import { type Encoder, LARGE_WRITE_BYTES, Output, type OutputTarget } from './output.js'

// A UTF-16 code unit takes at most three bytes of UTF-8; a surrogate pair takes four for two units.
const UTF8_BYTES_PER_UNIT_MAX = 3

/** The write was not taken: it would exceed the limit on queued bytes. */
export const OVER_LIMIT = -1

/** The bytes of what is to be sent, in memory that native takes. */
export function bytesOf(
  operation: string,
  data: string | Uint8Array,
  encoding: WriteEncoding,
): Uint8Array {
  checkData(operation, data, encoding)
  return typeof data === 'string' ? Buffer.from(data, encoding) : unshared(data)
}

function checkData(operation: string, data: unknown, encoding: unknown): void {
  if (typeof data === 'string') {
    if (encoding !== 'utf8' && encoding !== 'latin1') {
      throw optionType(`${operation}: encoding`, encoding, "'utf8' or 'latin1'")
    }
  } else if (!(data instanceof Uint8Array || isUint8Array(data))) {
    throw optionType(`${operation}: data`, data, 'a string or a Uint8Array')
  }
}

/** Native takes no shared memory, and another thread could make it longer meanwhile. */
function unshared(bytes: Uint8Array): Uint8Array {
  return isSharedArrayBuffer(bytes.buffer) ? Buffer.from(bytes) : bytes
}

/**
 * Writes submission records. Native runs them after the current batch, before the loop blocks, or
 * at once when the table or the slab is full.
 */
export class Submitter implements OutputTarget {
  readonly #native: NativeReactor
  readonly #records: Int32Array
  readonly #control: Uint32Array
  readonly #slab: Buffer
  readonly #queued: Uint32Array
  readonly #capacity: number
  /** Bytes the last successful write() took. */
  taken = 0
  /** Where send() has messages encoded. */
  readonly output: Output

  constructor(native: NativeReactor, layout: NativeLayout) {
    this.#native = native
    this.#records = new Int32Array(native.submissions)
    this.#control = new Uint32Array(native.control)
    this.#slab = Buffer.from(native.submitSlab)
    this.#queued = new Uint32Array(native.queuedBytes)
    this.#capacity = layout.submissionCapacity
    this.output = new Output(this.#slab, this)
  }

  /**
   * Takes the bytes. Returns what the connection then has queued, or OVER_LIMIT when that would be
   * more than `limitBytes`.
   */
  write(
    slot: number,
    generation: number,
    data: string | Uint8Array,
    encoding: WriteEncoding,
    limitBytes: number,
  ): number {
    checkData('write', data, encoding)
    if (this.output.busy) {
      throw badEncoding('encode() must not send or write')
    }
    if (typeof data !== 'string') {
      return this.#writeBytes(slot, generation, data, limitBytes)
    }
    const worstBytes = encoding === 'utf8' ? data.length * UTF8_BYTES_PER_UNIT_MAX : data.length
    if (worstBytes > LARGE_WRITE_BYTES) {
      return this.#writeBytes(slot, generation, Buffer.from(data, encoding), limitBytes)
    }
    const offset = this.#room(worstBytes)
    const length = this.#slab.write(data, offset, encoding)
    return this.#commit(slot, generation, offset, length, limitBytes)
  }

  /** write() of a message, which its encoder writes straight into the slab. */
  send(
    slot: number,
    generation: number,
    message: unknown,
    encoder: Encoder,
    limitBytes: number,
  ): number {
    const { output } = this
    output.encode(encoder, message, this.place())
    if (!output.inSlab) {
      const { written } = output
      output.release()
      return this.#writeBytes(slot, generation, written, limitBytes)
    }
    // What sends the slab meanwhile, need() aside, has given it to others.
    if (this.#control[CONTROL_SLAB_USED] !== output.start) {
      throw badEncoding('encode() must not call the connection')
    }
    return this.#commit(slot, generation, output.start, output.at - output.start, limitBytes)
  }

  /** The next free place of the slab. */
  place(): number {
    if ((this.#control[CONTROL_SUBMISSIONS] as number) === this.#capacity) {
      this.#native.flush()
    }
    return this.#control[CONTROL_SLAB_USED] as number
  }

  flush(): void {
    this.#native.flush()
  }

  end(slot: number, generation: number, reason: number): void {
    this.#push(OP_END, slot, generation, reason, 0)
  }

  /** `manner`: one of DESTROY_*. */
  destroy(slot: number, generation: number, reason: number, manner: number): void {
    this.#push(OP_DESTROY, slot, generation, reason, manner)
  }

  ready(slot: number, generation: number): void {
    this.#push(OP_READY, slot, generation, 0, 0)
  }

  pinged(slot: number, generation: number): void {
    this.#push(OP_PINGED, slot, generation, 0, 0)
  }

  pause(slot: number, generation: number): void {
    this.#push(OP_PAUSE, slot, generation, 0, 0)
  }

  resume(slot: number, generation: number): void {
    this.#push(OP_RESUME, slot, generation, 0, 0)
  }

  #writeBytes(slot: number, generation: number, bytes: Uint8Array, limitBytes: number): number {
    const length = bytes.length
    if (length <= LARGE_WRITE_BYTES) {
      const offset = this.#room(length)
      this.#slab.set(bytes, offset)
      return this.#commit(slot, generation, offset, length, limitBytes)
    }
    const own = unshared(bytes)
    const queued = (this.#queued[slot] as number) + own.length
    if (queued > limitBytes) {
      return OVER_LIMIT
    }
    this.#queued[slot] = queued
    this.taken = own.length
    this.#native.send(slot, generation, own)
    // Native has subtracted what the kernel took already.
    return this.#queued[slot] as number
  }

  /**
   * Where in the slab the next bytes go. Flushes when fewer than `bytes` are free or the table is
   * full, so that #commit never has to: a flush between the two would give the slab away.
   */
  #room(bytes: number): number {
    const used = this.#control[CONTROL_SLAB_USED] as number
    const waiting = this.#control[CONTROL_SUBMISSIONS] as number
    if (used + bytes <= this.#slab.length && waiting < this.#capacity) {
      return used
    }
    this.#native.flush()
    return this.#control[CONTROL_SLAB_USED] as number
  }

  /** Makes the bytes at `offset` part of the last record, if that is a write of this connection. */
  #commit(
    slot: number,
    generation: number,
    offset: number,
    length: number,
    limitBytes: number,
  ): number {
    const queued = (this.#queued[slot] as number) + length
    if (queued > limitBytes) {
      return OVER_LIMIT
    }
    this.taken = length
    if (length === 0) {
      return queued
    }
    // Before the bytes can be seen by native: a worker may be terminated between any two statements,
    // and then what it has submitted is still sent.
    this.#queued[slot] = queued
    this.#control[CONTROL_SLAB_USED] = offset + length
    const records = this.#records
    const waiting = this.#control[CONTROL_SUBMISSIONS] as number
    const last = (waiting - 1) * RECORD_WORDS
    if (
      waiting > 0 &&
      records[last + 1] === slot &&
      records[last] === OP_WRITE &&
      records[last + 2] === generation
    ) {
      records[last + 4] = (records[last + 4] as number) + length
    } else {
      this.#put(waiting, OP_WRITE, slot, generation, offset, length)
    }
    return queued
  }

  #push(op: number, slot: number, generation: number, a: number, b: number): void {
    if ((this.#control[CONTROL_SUBMISSIONS] as number) === this.#capacity) {
      this.#native.flush()
    }
    this.#put(this.#control[CONTROL_SUBMISSIONS] as number, op, slot, generation, a, b)
  }

  #put(index: number, op: number, slot: number, generation: number, a: number, b: number): void {
    const records = this.#records
    const base = index * RECORD_WORDS
    records[base] = op
    records[base + 1] = slot
    records[base + 2] = generation
    records[base + 3] = a
    records[base + 4] = b
    this.#control[CONTROL_SUBMISSIONS] = index + 1
  }
}
