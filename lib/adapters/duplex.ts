import { Duplex } from 'node:stream'
import { type LocalEnd, leave, localEndOf, setNoDelay } from '../core/adapted.js'
import type { AdaptableConnection } from '../core/adapter.js'
import type { DisconnectCompletion } from '../core/completion.js'
import type { ConnectionDuplex, DuplexOptions } from '../core/contract.js'
import { makeDuplexesBy } from '../core/duplexes.js'
import {
  booleanOption,
  checkOptionNames,
  functionOption,
  integerOption,
  numberOption,
  objectOption,
} from '../core/validate.js'
import { alreadyConnected, disconnectError, endedByOther, isOrderly } from './duplex-errors.js'
import { setKeepAlive } from './duplex-keepalive.js'
import { bytesIn, type Callback, Output, type Piece } from './duplex-output.js'
import { IdleTimeout, TIMEOUT_MS_MAX } from './duplex-timeout.js'

/** A connection as a stream that has the members of a net.Socket and behaves as one. */
class ConnectionStream extends Duplex {
  readonly connection: AdaptableConnection
  readonly connecting = false
  readonly pending = false
  bytesRead = 0
  timeout: number | undefined
  readonly #output: Output
  #idle: IdleTimeout | null = null
  #local: LocalEnd | null = null
  #peerEnded = false
  #resets = false
  #hadError = false

  constructor(connection: AdaptableConnection, options: DuplexOptions) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? connection.home.allowHalfOpen,
      ...(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark }),
      decodeStrings: false,
      emitClose: false, // it comes with the completion, and says whether there was an error
    })
    this.connection = connection
    this.#output = new Output(connection)
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
    this.#idle?.active()
    this.#output.write(chunk, encoding, callback)
  }

  override _writev(pieces: Piece[], callback: Callback): void {
    this.#idle?.active()
    this.#output.writeAll(pieces, callback)
  }

  override _final(callback: Callback): void {
    this.#output.end(callback)
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const { connection } = this
    this.#idle?.clear()
    this.#hadError = error !== null
    callback(error)
    this.#output.answer(error)
    if (connection.completion !== null) {
      this.#closeSoon()
    } else if (this.#resets) {
      connection.reset()
    } else if (this.writableFinished || this.#output.isSaid) {
      leave(connection)
    } else {
      connection.destroy()
    }
  }

  // What the connection reports.

  #received(chunk: Buffer): void {
    this.bytesRead += chunk.length
    this.#idle?.active()
    if (!this.push(chunk) && !this.destroyed) {
      this.connection.pause()
    }
  }

  #drained(): void {
    this.#idle?.active()
    this.#output.drained()
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
      this.#idle?.clear()
      this.#output.answer(null)
      if (!this.writableEnded) {
        this.end() // the connection was ended beneath
      }
    }
  }

  /** As with node:net, behind 'error' and what that sets going. */
  #closeSoon(): void {
    setImmediate(() => this.emit('close', this.#hadError))
  }

  // What a net.Socket has besides.

  get bytesWritten(): number {
    const { writableBuffer } = this as unknown as { writableBuffer: readonly Piece[] }
    return this.#output.taken + this.#output.restBytes + bytesIn(writableBuffer)
  }

  /** @deprecated by Node: writableLength */
  get bufferSize(): number {
    return this.writableLength
  }

  get readyState(): 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.readable) {
      return this.writable ? 'open' : 'readOnly'
    }
    return this.writable ? 'writeOnly' : 'closed'
  }

  get remoteAddress(): string | undefined {
    return this.connection.remoteAddress ?? undefined
  }

  get remotePort(): number | undefined {
    return this.connection.remotePort ?? undefined
  }

  get remoteFamily(): 'IPv4' | 'IPv6' | undefined {
    const address = this.remoteAddress
    return address === undefined ? undefined : address.includes(':') ? 'IPv6' : 'IPv4'
  }

  get localAddress(): string | undefined {
    return this.#localEnd()?.address
  }

  get localPort(): number | undefined {
    return this.#localEnd()?.port
  }

  get localFamily(): string | undefined {
    const local = this.#localEnd()
    return local === null ? undefined : `IPv${local.family}`
  }

  address(): { address: string; family: string; port: number } | Record<string, never> {
    const local = this.#localEnd()
    return local === null
      ? {}
      : { address: local.address, family: `IPv${local.family}`, port: local.port }
  }

  #localEnd(): LocalEnd | null {
    this.#local ??= localEndOf(this.connection)
    return this.#local
  }

  /** 'timeout' after so many ms without bytes either way; 0: never. It ends nothing by itself. */
  setTimeout(ms: number, listener?: () => void): this {
    if (this.destroyed) {
      return this
    }
    numberOption('setTimeout: ms', ms, `a number from 0 to ${TIMEOUT_MS_MAX}`, isTimeoutMs)
    this.timeout = ms
    if (ms > 0) {
      this.#idle ??= new IdleTimeout(() => this.emit('timeout'))
    }
    this.#idle?.set(ms)
    if (listener !== undefined) {
      functionOption('setTimeout: listener', listener)
      ms > 0 ? this.once('timeout', listener) : this.removeListener('timeout', listener)
    }
    return this
  }

  setNoDelay(on = true): this {
    setNoDelay(this.connection, Boolean(on))
    return this
  }

  setKeepAlive(enable = false, initialDelayMs = 0): this {
    if (!this.destroyed && this.connection.completion === null) {
      setKeepAlive(this.connection, Boolean(enable), Number(initialDelayMs))
    }
    return this
  }

  ref(): this {
    this.connection.ref()
    return this
  }

  unref(): this {
    this.connection.unref()
    return this
  }

  /** Sends what was written, then closes without waiting for the peer's end. */
  destroySoon(): void {
    if (this.writable) {
      this.end()
    }
    if (this.writableFinished) {
      this.destroy()
    } else {
      this.once('finish', () => this.destroy())
    }
  }

  resetAndDestroy(): this {
    this.#resets = true
    return this.destroy()
  }

  connect(): this {
    return this.destroy(alreadyConnected())
  }
}

function isTimeoutMs(ms: number): boolean {
  return ms >= 0 && ms <= TIMEOUT_MS_MAX
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

makeDuplexesBy((connection, options) => {
  const given = options === undefined ? {} : objectOption('toDuplex: options', options)
  checkOptionNames('toDuplex', given, ['allowHalfOpen', 'highWaterMark'])
  if (given.allowHalfOpen !== undefined) {
    booleanOption('allowHalfOpen', given.allowHalfOpen)
  }
  if (given.highWaterMark !== undefined) {
    integerOption('highWaterMark', given.highWaterMark, 1, 2 ** 31 - 1, 'bytes')
  }
  return new ConnectionStream(connection, given) as unknown as ConnectionDuplex
})
