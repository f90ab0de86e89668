import { viewOf } from '../core/output.js'
import { ProtocolError } from '../core/protocol-error.js'

/** What a codec reads: the bytes at [start, end) of `bytes`. One object serves all connections. */
export class Input {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  /**
   * Of an incomplete message, how many bytes from `start` need not be looked at again. Set it before
   * INCOMPLETE is returned; it is there when more bytes have come, and 0 at a new message.
   */
  scanned = 0
  #origin = 0
  #view: DataView | null = null

  /** Of all of `bytes`. */
  get view(): DataView {
    this.#view ??= viewOf(this.bytes)
    return this.#view
  }

  get length(): number {
    return this.end - this.start
  }

  /** `offset`: of bytes[start], counted from the first byte of the connection. */
  set(bytes: Buffer, start: number, end: number, offset: number, scanned: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.#view = null
    }
    this.start = start
    this.end = end
    this.scanned = scanned
    this.#origin = offset - start
  }

  /** Of the byte at `at` of `bytes`, counted from the first byte of the connection. */
  offsetOf(at: number): number {
    return this.#origin + at
  }

  /**
   * An error to throw. `at`: where in `bytes` the first wrong byte stands, default `start`; `limit`: the
   * limit that was exceeded.
   */
  malformed(what: string, where: { at?: number; limit?: number } = {}): ProtocolError {
    const { at = this.start, ...rest } = where
    return new ProtocolError(what, { ...rest, offset: this.offsetOf(at) })
  }
}
