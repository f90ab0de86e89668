// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'

/** Writes above this bypass the slab and go to native memory directly. */
export const LARGE_WRITE_BYTES = 65_536

// Up to here a loop is faster than a view of the part.
const SHORT_BYTES = 512
const UTF8_BYTES_PER_UNIT_MAX = 3

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

  /** An output of its own memory, for bytes() alone. */
  static ofMemory(): Output {
    return new Output(Buffer.allocUnsafeSlow(4096), { flush: () => {} })
  }

  /** `start`: where in the slab the message begins. */
  begin(start = 0): void {
    if (!this.inSlab) {
      this.bytes = this.#slab
      this.view = this.#slabView
      this.inSlab = true
    }
    this.start = start
    this.at = start
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
    const { length } = from
    this.need(length)
    this.bytes.set(from, this.at)
    this.at += length
  }

  /** from[start, end), copied: cheaper than put() of a part, as long as parts of the same bytes follow. */
  putPart(from: Buffer, start: number, end: number): void {
    const count = end - start
    if (count > SHORT_BYTES) {
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
    if (
      this.bytes === this.#slab &&
      written + count <= Math.min(LARGE_WRITE_BYTES, this.#slab.length)
    ) {
      // Not sent with the rest: nobody but this knows of these bytes yet.
      this.#target.flush()
      this.#slab.copyWithin(0, this.start, this.at)
      this.start = 0
      this.at = written
      return
    }
    const own = Buffer.allocUnsafeSlow(Math.max(2 * written, written + count))
    own.set(this.written)
    this.bytes = own
    this.inSlab = false
    this.view = new DataView(own.buffer, 0, own.length)
    this.start = 0
    this.at = written
  }
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
