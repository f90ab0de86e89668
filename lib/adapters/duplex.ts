import { type LocalEnd, localEndOf, queuedBytesOf, setNoDelay } from '../core/adapted.js'
import type { ConnectionDuplex } from '../core/contract.js'
import { makeDuplexesBy } from '../core/duplexes.js'
import { GONE } from '../core/flags.js'
import {
  booleanOption,
  checkOptionNames,
  functionOption,
  integerOption,
  numberOption,
  objectOption,
} from '../core/validate.js'
import { alreadyConnected } from './duplex-errors.js'
import { setKeepAlive } from './duplex-keepalive.js'
import { bytesIn, type Piece } from './duplex-output.js'
import { ConnectionStream } from './duplex-stream.js'
import { IdleTimeout, TIMEOUT_MS_MAX } from './duplex-timeout.js'

/** What a net.Socket has besides being a stream. */
class SocketDuplex extends ConnectionStream {
  readonly connecting = false
  readonly pending = false
  timeout: number | undefined
  #local: LocalEnd | null = null
  /** When the timeout last rang. */
  #queuedBytes = 0

  get bytesWritten(): number {
    const { writableBuffer } = this as unknown as { writableBuffer: readonly Piece[] }
    return this.output.taken + this.output.restBytes + bytesIn(writableBuffer)
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
      this.idle ??= new IdleTimeout(() => this.#rang())
    }
    this.idle?.set(ms)
    if (listener !== undefined) {
      functionOption('setTimeout: listener', listener)
      ms > 0 ? this.once('timeout', listener) : this.removeListener('timeout', listener)
    }
    return this
  }

  #rang(): void {
    const queued = queuedBytesOf(this.connection)
    if (queued > 0 && queued !== this.#queuedBytes) {
      // Taken by the kernel since the last look, so the peer reads; or the first look at all.
      this.#queuedBytes = queued
      this.idle?.active()
    } else {
      this.emit('timeout')
    }
  }

  setNoDelay(on = true): this {
    setNoDelay(this.connection, Boolean(on))
    return this
  }

  setKeepAlive(enable = false, initialDelayMs = 0): this {
    if ((this.connection.flags & GONE) === 0) {
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
    this.resets = true
    return this.destroy()
  }

  connect(): this {
    return this.destroy(alreadyConnected())
  }
}

function isTimeoutMs(ms: number): boolean {
  return ms >= 0 && ms <= TIMEOUT_MS_MAX
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
  return new SocketDuplex(connection, given) as unknown as ConnectionDuplex
})
