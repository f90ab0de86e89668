import { type Codec, INCOMPLETE } from '../codecs/codec.js'
import { Input } from '../codecs/input.js'
import { badDecoding } from '../core/errors.js'
import { ADAPTED, GONE, NOT_WRITABLE } from '../core/flags.js'
import { ProtocolError } from '../core/protocol-error.js'
import type { Reader, ReaderHome, ReaderSubject } from '../core/reader.js'
import { isThenable } from '../core/server-state.js'
import type { ProtocolDefinition } from './definition.js'
import { answerWith, follow, locate, type ReadConnection } from './in-hand.js'
import { Stream } from './stream.js'

const NOTHING = Buffer.alloc(0)

/** The decoder of one server's connections: what they have sent becomes calls of the protocol. */
export class ProtocolReader implements Reader {
  readonly borrows: boolean
  readonly encoder: Codec<unknown, unknown>
  readonly #definition: ProtocolDefinition<unknown, unknown, unknown>
  readonly #concurrency: number
  readonly #home: ReaderHome
  readonly #wantsDrain: Uint8Array
  readonly #input = new Input()
  /** By slot: those that have sent anything. */
  readonly #streams: (Stream | null)[] = []

  constructor(definition: ProtocolDefinition<unknown, unknown, unknown>, home: ReaderHome) {
    this.#definition = definition
    this.encoder = definition.codec
    this.#concurrency = definition.concurrency ?? 1
    this.#home = home
    this.#wantsDrain = home.wantsDrain
    this.borrows = definition.codec.borrows === true
  }

  receive(
    subject: ReaderSubject,
    bytes: Buffer,
    start: number,
    end: number,
    stopAt: number,
  ): number {
    const stream = this.#streamOf(subject)
    if (this.#isBusy(subject, stream)) {
      return start
    }
    if (stream.rest === null) {
      return this.#decode(subject, stream, bytes, start, end, stopAt)
    }
    // Behind what is not complete yet.
    const { rest, length } = stream.append(bytes, start, end, this.encoder.maxFrameBytes)
    const at = this.#decode(subject, stream, rest, 0, length, stopAt)
    // It may be large, and this object lives as long as the server.
    this.#input.set(NOTHING, 0, 0, 0, 0)
    return end - (length - at)
  }

  ended(subject: ReaderSubject): boolean {
    const stream = this.#streams[subject.slot] ?? null
    if (stream === null) {
      return true
    }
    if (stream.inHand > 0) {
      return false
    }
    if (stream.rest !== null && (subject.flags & NOT_WRITABLE) === 0) {
      const offset = stream.offset + stream.restLength
      const error = new ProtocolError(
        `the end came within a message, of which there are ${stream.restLength} bytes`,
        { offset },
      )
      this.#malformed(subject as ReadConnection, error)
      throw error
    }
    return true
  }

  drained(subject: ReaderSubject): void {
    subject.release()
  }

  forget(subject: ReaderSubject): Buffer | null {
    const stream = this.#streams[subject.slot] ?? null
    if (stream === null) {
      return null
    }
    this.#streams[subject.slot] = null
    return stream.rest === null ? null : stream.rest.subarray(0, stream.restLength)
  }

  #streamOf({ slot }: ReaderSubject): Stream {
    const streams = this.#streams
    while (streams.length <= slot) {
      streams.push(null)
    }
    let stream = streams[slot] as Stream | null
    if (stream === null) {
      stream = new Stream()
      streams[slot] = stream
    }
    return stream
  }

  /** Whether its next message must wait. */
  #isBusy(subject: ReaderSubject, stream: Stream): boolean {
    return stream.inHand >= this.#concurrency || this.#wantsDrain[subject.slot] !== 0
  }

  /** All whole messages of bytes[start, end). Returns where it stopped; an incomplete one is kept. */
  #decode(
    subject: ReaderSubject,
    stream: Stream,
    bytes: Buffer,
    start: number,
    end: number,
    stopAt: number,
  ): number {
    const input = this.#input
    const { encoder: codec } = this
    const wantsDrain = this.#wantsDrain
    const { slot } = subject
    const { offset } = stream
    input.set(bytes, start, end, offset, stream.scanned)
    stream.scanned = 0
    let at = start
    while (at < end) {
      const message = this.#next(subject, codec, input)
      const next = input.start
      if (message === INCOMPLETE) {
        this.#keep(stream, input, at)
        return end
      }
      if (!(next > at && next <= end)) {
        throw badDecoding('decode() must move input.start behind its message')
      }
      const begun = stream.offset
      at = next
      stream.offset = offset + (at - start)
      // The message may hand the connection over to an adapter, with what is not decoded yet.
      stream.rest = null
      this.#call(subject as ReadConnection, stream, message, begun)
      if (
        (subject.flags & (stopAt | ADAPTED | GONE)) !== 0 ||
        stream.inHand >= this.#concurrency ||
        wantsDrain[slot] !== 0
      ) {
        break
      }
      if (input.bytes !== bytes || input.start !== at || input.end !== end) {
        // Another connection was decoded meanwhile.
        input.set(bytes, at, end, stream.offset, 0)
      }
      input.scanned = 0
    }
    return at
  }

  #keep(stream: Stream, input: Input, at: number): void {
    if (input.start !== at) {
      throw badDecoding('decode() must leave input.start where it returns INCOMPLETE')
    }
    const limit = this.encoder.maxFrameBytes
    if (input.end - at > limit) {
      throw input.malformed(`no end of a message within ${limit} bytes`, { limit })
    }
    stream.keep(input.bytes, at, input.end, input.scanned)
  }

  #next(subject: ReaderSubject, codec: Codec<unknown, unknown>, input: Input): unknown {
    const at = input.start
    try {
      return codec.decode(input)
    } catch (error) {
      throw this.#located(subject, input, at, error)
    }
  }

  /** A codec built on another one knows what is wrong, and not where: in the message at `at`. */
  #located(subject: ReaderSubject, input: Input, at: number, error: unknown): unknown {
    if (error instanceof ProtocolError) {
      error.offset ??= input.offsetOf(at)
      this.#malformed(subject as ReadConnection, error)
    }
    return error
  }

  /** A last word; it fails as code of the server's owner, and does not hide what the client did. */
  #malformed(connection: ReadConnection, error: ProtocolError): void {
    const definition = this.#definition
    if (definition.malformed !== undefined) {
      this.#home.guard(() => definition.malformed?.(connection, error), {
        where: 'handler',
        connection,
        completion: null,
      })
    }
  }

  /** `offset`: of the message's first byte. */
  #call(connection: ReadConnection, stream: Stream, message: unknown, offset: number): void {
    const definition = this.#definition
    try {
      if (definition.answer !== undefined) {
        answerWith(definition.answer(connection, message), connection, stream, offset)
        return
      }
      const result = definition.message?.(connection, message)
      if (isThenable(result)) {
        follow(result, connection, stream, offset)
      }
    } catch (error) {
      throw locate(error, offset)
    }
  }
}
