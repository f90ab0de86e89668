/**
 * Bytes of a message where they were received: cheaper than a Buffer, of which it needs none until
 * toBuffer() is called. It is yours to keep, and pins the memory it shares with others: 64 KiB, or the
 * message's own where that is larger.
 */
export class Slice {
  /** Shared with other messages: not to be written to. */
  readonly bytes: Buffer
  /** The message is bytes[start, end). */
  readonly start: number
  readonly end: number
  /** The codec that has read it, and need not look for what it would not have let through. */
  readonly origin: object | null

  constructor(bytes: Buffer, start: number, end: number, origin: object | null = null) {
    this.origin = origin
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  get length(): number {
    return this.end - this.start
  }

  /** undefined beyond the end, as of an array. */
  at(index: number): number | undefined {
    return index >= 0 && index < this.length ? this.bytes[this.start + index] : undefined
  }

  /** A view of the same memory. */
  toBuffer(): Buffer {
    return this.bytes.subarray(this.start, this.end)
  }

  toString(encoding: BufferEncoding = 'utf8'): string {
    return this.bytes.toString(encoding, this.start, this.end)
  }
}
