// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'
import { awaitDrain, queuedBytesOf } from '../core/adapted.js'
import type { AdaptableConnection } from '../core/adapter.js'
import { GONE } from '../core/flags.js'
import { brokenPipe } from './duplex-errors.js'

export type Callback = (error?: Error | null) => void

/** As a Writable hands it over with decodeStrings: false. */
export interface Piece {
  readonly chunk: Buffer | string
  readonly encoding: BufferEncoding
}

/** What is handed over at once: a longer chunk goes in pieces, each when the one before is on its way. */
const PIECE_BYTES_MAX = 65_536
/** Where there is little room above the high watermark, a piece waits for it rather than be smaller. */
const PIECE_BYTES_MIN = 16_384
const UTF8_BYTES_PER_UNIT_MAX = 3

const NONE: readonly Piece[] = []

/**
 * The way out of a stream: at most one write or end is under way, and it is answered when the
 * connection may be given more. So the connection never holds more than its high watermark and one
 * piece, nor more than maxQueuedBytes, however much the stream is given.
 */
export class StreamOutput {
  readonly #connection: AdaptableConnection
  readonly #pieceBytesMax: number
  /** Of the write or the end under way. */
  #callback: Callback | null = null
  #ending = false
  #pieces: readonly Piece[] = NONE
  #next = 0
  /** Of a long chunk under way, the one at #next. */
  #rest: Buffer | null = null
  /** Bytes handed over. */
  taken = 0

  constructor(connection: AdaptableConnection) {
    const { maxQueuedBytes, highWatermarkBytes } = connection.home
    this.#connection = connection
    const room = Math.max(PIECE_BYTES_MIN, maxQueuedBytes - highWatermarkBytes)
    this.#pieceBytesMax = Math.min(PIECE_BYTES_MAX, room, maxQueuedBytes)
  }

  write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
    if (this.#isShort(chunk) && this.#fits(chunk)) {
      this.#hand(chunk, encoding) ? callback() : this.#hold(callback)
    } else {
      this.writeAll([{ chunk, encoding }], callback)
    }
  }

  writeAll(pieces: readonly Piece[], callback: Callback): void {
    this.#pieces = pieces
    this.#next = 0
    this.#callback = callback
    this.#goOn()
  }

  /** Sends FIN behind all that was written; answered when the kernel has it all. */
  end(callback: Callback): void {
    const connection = this.#connection
    connection.end()
    this.#ending = true
    if ((connection.flags & GONE) !== 0 && connection.completion === null) {
      this.#callback = callback // what was written may be lost: the completion will tell
    } else if (queuedBytesOf(connection) === 0) {
      setImmediate(callback) // as with node:net, never before the FIN is on its way
    } else {
      this.#callback = callback
      awaitDrain(connection)
    }
  }

  /** The connection may be given more. */
  drained(): void {
    if (!this.#ending) {
      this.#goOn()
    } else if (queuedBytesOf(this.#connection) > 0) {
      awaitDrain(this.#connection)
    } else {
      this.answer(null)
    }
  }

  /** Answers what is under way; the rest of it is dropped. */
  answer(error: Error | null): void {
    const callback = this.#callback
    this.#callback = null
    this.#pieces = NONE
    this.#rest = null
    callback?.(error)
  }

  /** The kernel has all that was written, and nothing more will be. */
  get isSaid(): boolean {
    return !this.#connection.writable && queuedBytesOf(this.#connection) === 0
  }

  /** Bytes of the write under way that are not handed over yet. */
  get restBytes(): number {
    const begun = this.#rest === null ? 0 : 1
    return (this.#rest?.length ?? 0) + bytesIn(this.#pieces.slice(this.#next + begun))
  }

  #goOn(): void {
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next] as Piece
      const part = this.#partOf(piece)
      if (!this.#fits(part)) {
        awaitDrain(this.#connection)
        this.#hold(this.#callback)
        return
      }
      this.#pass(part)
      if (!this.#hand(part, piece.encoding)) {
        this.#hold(this.#callback)
        return
      }
    }
    this.answer(null)
  }

  /** All of a short chunk; of a long one what comes next, for one view at a time is enough. */
  #partOf({ chunk, encoding }: Piece): Buffer | string {
    if (this.#isShort(chunk)) {
      return chunk
    }
    this.#rest ??= typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    return this.#rest.subarray(0, this.#pieceBytesMax)
  }

  #pass(part: Buffer | string): void {
    if (this.#rest !== null && this.#rest.length > part.length) {
      this.#rest = this.#rest.subarray(part.length)
    } else {
      this.#rest = null
      this.#next++
    }
  }

  #isShort(chunk: Buffer | string): boolean {
    return bytesMaxOf(chunk) <= this.#pieceBytesMax
  }

  /** Beyond maxQueuedBytes the connection would end. Nothing queued: a piece always fits. */
  #fits(part: Buffer | string): boolean {
    const { maxQueuedBytes } = this.#connection.home
    return queuedBytesOf(this.#connection) + bytesMaxOf(part) <= maxQueuedBytes
  }

  /** false: not yet, or never again. */
  #hand(chunk: Buffer | string, encoding: BufferEncoding): boolean {
    const connection = this.#connection
    const { submit } = connection.home
    submit.taken = 0
    let goOn: boolean
    if (typeof chunk !== 'string' || encoding === 'utf8' || encoding === 'latin1') {
      goOn = connection.write(chunk, encoding as 'utf8' | 'latin1')
    } else {
      goOn = connection.write(Buffer.from(chunk, encoding))
    }
    this.taken += submit.taken
    return goOn
  }

  /** Until drain, or the end of the connection. */
  #hold(callback: Callback | null): void {
    this.#callback = callback
    const connection = this.#connection
    if (
      !connection.writable &&
      ((connection.flags & GONE) === 0 || connection.completion !== null)
    ) {
      // Somebody else has ended the sending side; no drain follows.
      this.answer(brokenPipe())
    }
  }
}

function bytesMaxOf(chunk: Buffer | string): number {
  return typeof chunk === 'string' ? chunk.length * UTF8_BYTES_PER_UNIT_MAX : chunk.length
}

export function bytesIn(pieces: readonly Piece[]): number {
  let bytes = 0
  for (const { chunk, encoding } of pieces) {
    bytes += typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
  }
  return bytes
}
