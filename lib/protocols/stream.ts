/** What is kept of a connection between its messages. */
export class Stream {
  /** Of the next message's first byte, counted from the first byte of the connection. */
  offset = 0
  /** The bytes of a message that is not complete: rest[0, restLength). */
  rest: Buffer | null = null
  restLength = 0
  /** How many of them the codec need not look at again. */
  scanned = 0
  /** Messages whose promise has not settled, or whose answer waits for an earlier one. */
  inHand = 0
  /** In the order of their messages. */
  answers: { settled: boolean; value: unknown }[] = []

  /**
   * The bytes behind the rest. Its memory doubles, so that each byte is copied a few times at most, and
   * has no more than `maxBytes` but for what the chunk brings.
   */
  append(
    bytes: Buffer,
    start: number,
    end: number,
    maxBytes: number,
  ): { rest: Buffer; length: number } {
    const length = this.restLength + end - start
    let rest = this.rest as Buffer
    if (rest.length < length) {
      rest = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * this.restLength, maxBytes)))
      rest.set((this.rest as Buffer).subarray(0, this.restLength))
    }
    rest.set(bytes.subarray(start, end), this.restLength)
    this.rest = rest
    return { rest, length }
  }

  /** bytes[start, end) is all there is of a message; copied, so that nothing else is kept alive. */
  keep(bytes: Buffer, start: number, end: number, scanned: number): void {
    this.restLength = end - start
    this.scanned = scanned
    if (bytes !== this.rest || start !== 0) {
      this.rest = Buffer.allocUnsafeSlow(this.restLength)
      this.rest.set(bytes.subarray(start, end))
    }
  }
}
