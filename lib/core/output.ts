// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'
import { isUint8Array } from 'node:util/types'
import { badEncoding, optionType } from './errors.js'

/** Writes above this bypass the slab and go to native memory directly. */
export const LARGE_WRITE_BYTES = 65_536

// Up to here a loop is faster than a view of the part.
const SHORT_BYTES = 512
// Memory of this size may be kept alive by a view of it that is kept for its next part.
const VIEWED_BYTES_MAX = 1_048_576
const SCRATCH_BYTES = 4096
const UTF8_BYTES_PER_UNIT_MAX = 3

/** Makes bytes of messages. */
export interface Encoder {
  encode(message: unknown, output: Output): unknown
}

/** Where the bytes of an output stand when it is done. */
export interface OutputTarget {
  /** Sends what waits in the slab, which is free from 0 on then. */
  flush(): void
}

/**
 * Where a codec writes one message: straight into the slab that native sends from. A message that
 * turns out to be large moves to memory of its own. Positions are those of `bytes`; need() may change
 * `bytes` and `at`, so both are read anew after it.
 */
export class Output {
  /** Write at `at`, at most as much as was asked of need(); then move `at`. */
  bytes: Buffer
  /** Of all of `bytes`. */
  view: DataView
  at = 0
  /** Where the message begins in `bytes`. */
  start = 0
  /** false: in memory of its own. */
  inSlab = true
  /** A message is being encoded: nobody else may write meanwhile. */
  busy = false
  /** Up to where need() has made room. */
  #reserved = 0
  readonly #slab: Buffer
  readonly #slabView: DataView
  readonly #target: OutputTarget

  constructor(slab: Buffer, target: OutputTarget) {
    this.#slab = slab
    this.#slabView = new DataView(slab.buffer, slab.byteOffset, slab.length)
    this.#target = target
    this.bytes = slab
    this.view = this.#slabView
  }

  /**
   * Has one message encoded, at `start` of the slab or in memory of its own.
   * @throws HoldfastError ERR_HOLDFAST_ENCODE for an encoder that does not keep to the rules, and what
   *   it throws itself
   */
  encode(encoder: Encoder, message: unknown, start: number): void {
    if (this.busy) {
      throw badEncoding('encode() must not send or write')
    }
    this.release()
    this.busy = true
    this.start = start
    this.at = start
    this.#reserved = start
    try {
      if (encoder.encode(message, this) !== undefined) {
        throw badEncoding('encode() must write to the output, and return nothing')
      }
    } finally {
      this.busy = false
    }
    const { at } = this
    if (!(at >= this.start && at <= this.#reserved && Number.isInteger(at))) {
      throw badEncoding('encode() must move output.at forward, by what need() has made room for')
    }
  }

  /** Lets go of memory of its own. */
  release(): void {
    if (!this.inSlab) {
      this.bytes = this.#slab
      this.view = this.#slabView
      this.inSlab = true
    }
  }

  get length(): number {
    return this.at - this.start
  }

  /** The whole message so far, as a view. */
  get written(): Buffer {
    return this.bytes.subarray(this.start, this.at)
  }

  /** Makes room for `count` bytes at `at`. */
  need(count: number): void {
    if (this.at + count > this.bytes.length) {
      this.#move(count)
    }
    const reserved = this.at + count
    if (reserved > this.#reserved) {
      this.#reserved = reserved
    }
  }

  uint8(value: number): void {
    this.need(1)
    this.bytes[this.at++] = value
  }

  zeros(count: number): void {
    this.need(count)
    const { bytes } = this
    const to = this.at + count
    for (let at = this.at; at < to; at++) {
      bytes[at] = 0
    }
    this.at = to
  }

  /** Bytes, copied. */
  put(from: Uint8Array): void {
    if (!isUint8Array(from)) {
      throw optionType('put: bytes', from, 'a Uint8Array; text() takes a string')
    }
    const { length } = from
    this.need(length)
    this.bytes.set(from, this.at)
    this.at += length
  }

  /** from[start, end), copied: cheaper than put() of a part, as long as parts of the same bytes follow. */
  putPart(from: Buffer, start: number, end: number): void {
    const count = end - start
    if (count > SHORT_BYTES || from.length > VIEWED_BYTES_MAX) {
      this.put(from.subarray(start, end))
      return
    }
    this.need(count)
    const { bytes, view } = this
    const source = viewOf(from)
    let { at } = this
    let next = start
    // Unrolled: half the price of a loop over words.
    for (; next + 16 <= end; next += 16, at += 16) {
      view.setInt32(at, source.getInt32(next, true), true)
      view.setInt32(at + 4, source.getInt32(next + 4, true), true)
      view.setInt32(at + 8, source.getInt32(next + 8, true), true)
      view.setInt32(at + 12, source.getInt32(next + 12, true), true)
    }
    for (; next + 4 <= end; next += 4, at += 4) {
      view.setInt32(at, source.getInt32(next, true), true)
    }
    for (; next < end; next++, at++) {
      bytes[at] = from[next] as number
    }
    this.at = at
  }

  text(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): void {
    this.need(encoding === 'utf8' ? text.length * UTF8_BYTES_PER_UNIT_MAX : text.length)
    this.at += this.bytes.write(text, this.at, encoding)
  }

  #move(count: number): void {
    const written = this.at - this.start
    if (this.inSlab && written + count <= Math.min(LARGE_WRITE_BYTES, this.#slab.length)) {
      // Not sent with the rest: nobody but this knows of these bytes yet.
      this.#target.flush()
      this.#slab.copyWithin(0, this.start, this.at)
      this.start = 0
      this.at = written
      this.#reserved = written
      return
    }
    const own = Buffer.allocUnsafeSlow(Math.max(2 * written, written + count))
    own.set(this.written)
    this.bytes = own
    this.inSlab = false
    this.view = new DataView(own.buffer, 0, own.length)
    this.start = 0
    this.at = written
    this.#reserved = written
  }
}

const scratch = new Output(Buffer.allocUnsafeSlow(SCRATCH_BYTES), { flush: () => {} })

/** The bytes of one message, in memory of their own. */
export function encoded(encoder: Encoder, message: unknown): Buffer {
  scratch.encode(encoder, message, 0)
  if (!scratch.inSlab) {
    const { written } = scratch
    scratch.release()
    return written
  }
  const own = Buffer.allocUnsafeSlow(scratch.length)
  own.set(scratch.written)
  return own
}

let viewedBytes: Uint8Array = new Uint8Array(0)
let view = new DataView(viewedBytes.buffer)

/** A view of the same bytes; made once for as long as the same bytes are asked for. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewedBytes) {
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    viewedBytes = bytes
  }
  return view
}
