import { Duplex } from 'node:stream'
import { leave } from '../core/adapted.js'
import type { AdaptableConnection } from '../core/adapter.js'
import type { DisconnectCompletion } from '../core/completion.js'
import type { DuplexOptions } from '../core/contract.js'
import { disconnectError, endedByOther, isOrderly } from './duplex-errors.js'
import { type Callback, type Piece, StreamOutput } from './duplex-output.js'
import type { IdleTimeout } from './duplex-timeout.js'

/** A connection as a stream: what the two sides of a Duplex and an adapter ask of each other. */
export class ConnectionStream extends Duplex {
  readonly connection: AdaptableConnection
  bytesRead = 0
  protected readonly output: StreamOutput
  protected idle: IdleTimeout | null = null
  #peerEnded = false
  protected resets = false
  #hadError = false

  constructor(connection: AdaptableConnection, options: DuplexOptions) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? connection.home.allowHalfOpen,
      ...(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark }),
      decodeStrings: false,
      emitClose: false, // it comes with the completion, and says whether there was an error
    })
    this.connection = connection
    this.output = new StreamOutput(connection)
    connection.adapt({
      data: (chunk) => this.#received(chunk),
      drain: () => this.#drained(),
      end: () => this.#ended(),
      close: (completion) => this.#closed(completion),
    })
  }

  // What a Duplex asks of those who make one.

  override _read(): void {
    this.connection.resume()
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
    this.idle?.active()
    this.output.write(chunk, encoding, callback)
  }

  override _writev(pieces: Piece[], callback: Callback): void {
    this.idle?.active()
    this.output.writeAll(pieces, callback)
  }

  override _final(callback: Callback): void {
    this.output.end(callback)
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const { connection } = this
    this.idle?.clear()
    this.#hadError = error !== null
    callback(error)
    this.output.answer(error)
    if (connection.completion !== null) {
      this.#closeSoon()
    } else if (this.resets) {
      connection.reset()
    } else if (this.writableFinished || this.output.isSaid) {
      leave(connection)
    } else {
      connection.destroy()
    }
  }

  // What the connection reports.

  #received(chunk: Buffer): void {
    this.bytesRead += chunk.length
    this.idle?.active()
    if (!this.push(chunk) && !this.destroyed) {
      this.connection.pause()
    }
  }

  #drained(): void {
    this.idle?.active()
    this.output.drained()
  }

  #ended(): void {
    this.#peerEnded = true
    if (!this.allowHalfOpen) {
      this.once('end', refuseWrites)
    }
    this.push(null)
    this.read(0) // so that 'end' comes behind the last byte although nobody reads
  }

  #closed(completion: DisconnectCompletion): void {
    if (this.destroyed) {
      this.#closeSoon()
    } else if (!isOrderly(completion, this.#peerEnded)) {
      this.destroy(disconnectError(completion) ?? undefined)
    } else {
      this.idle?.clear()
      this.output.answer(null)
      if (!this.writableEnded) {
        this.end() // the connection was ended beneath
      }
    }
  }

  /** As with node:net, behind 'error' and what that sets going. */
  #closeSoon(): void {
    setImmediate(() => this.emit('close', this.#hadError))
  }
}

/** Where half-open is not allowed, a write behind our answer to the peer's end is told whose end it was. */
function refuseWrites(this: Duplex): void {
  const { write } = this
  this.write = function (this: Duplex, ...given: unknown[]): boolean {
    if (!this.writableEnded) {
      return Reflect.apply(write, this, given) as boolean
    }
    const error = endedByOther()
    const callback = given.slice(1).find((value) => typeof value === 'function')
    if (callback !== undefined) {
      process.nextTick(callback as Callback, error)
    }
    this.destroy(error)
    return false
  }
}
