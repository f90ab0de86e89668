import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { deferred } from './wait.js'

export interface ClientOptions {
  host?: string
  /** Keep the sending side open after the server's FIN. Default true: a test says what it sends. */
  allowHalfOpen?: boolean
  localAddress?: string
  localPort?: number
}

/**
 * A plain node:net socket, and what it received as awaitable pieces. It reads nothing before the
 * first read() or rest(), so that an untouched client is a peer that does not read.
 */
export class Client {
  readonly socket: Socket
  /** Its own port, known once it is connected. */
  port = 0
  /** The first error of the socket: ECONNRESET after the server's RST. */
  error: NodeJS.ErrnoException | null = null
  /** The server's FIN has been read. */
  ended = false
  readonly closed: Promise<void>
  #chunks: Buffer[] = []
  #bytes = 0
  #reading = false
  #wake: (() => void) | null = null

  constructor(socket: Socket) {
    this.socket = socket
    const closed = deferred()
    this.closed = closed.promise
    socket.on('connect', () => {
      this.port = socket.localPort as number
    })
    socket.on('error', (error) => {
      this.error ??= error
      this.#wake?.()
    })
    socket.on('end', () => {
      this.ended = true
      this.#wake?.()
    })
    socket.on('close', () => {
      closed.resolve()
      this.#wake?.()
    })
  }

  /** Bytes received and not yet taken by read() or rest(). */
  get waiting(): number {
    return this.#bytes
  }

  /** Exactly the next `bytes` bytes. Rejects when the connection ends before they are there. */
  async read(bytes: number): Promise<Buffer> {
    this.#start()
    while (this.#bytes < bytes) {
      if (this.ended || this.error !== null || this.socket.destroyed) {
        throw this.error ?? new Error(`ended after ${this.#bytes} of ${bytes} bytes`)
      }
      await this.#more()
    }
    const all = Buffer.concat(this.#chunks)
    const rest = all.subarray(bytes)
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    return all.subarray(0, bytes)
  }

  /** Everything up to the server's FIN. Rejects with the error of a reset. */
  async rest(): Promise<Buffer> {
    this.#start()
    while (!this.ended) {
      if (this.error !== null || this.socket.destroyed) {
        throw this.error ?? new Error('closed without an end')
      }
      await this.#more()
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#bytes = 0
    return all
  }

  /** Everything up to the server's FIN or RST. */
  async untilOver(): Promise<Buffer> {
    this.#start()
    while (!this.ended && this.error === null && !this.socket.destroyed) {
      await this.#more()
    }
    return Buffer.concat(this.#chunks.splice(0))
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data)
  }

  /** FIN. */
  end(data?: string | Uint8Array): void {
    data === undefined ? this.socket.end() : this.socket.end(data)
  }

  /** RST. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  #start(): void {
    if (this.#reading) {
      return
    }
    this.#reading = true
    this.socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
      this.#wake?.()
    })
    this.socket.resume()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null
        resolve()
      }
    })
  }
}

/** Resolves once the handshake is done; the server may not have accepted yet. */
export async function connectClient(port: number, options: ClientOptions = {}): Promise<Client> {
  const socket = connect({
    host: '127.0.0.1',
    allowHalfOpen: true,
    noDelay: true,
    ...options,
    port,
  })
  // Within the event: later, node would have begun to read ahead.
  socket.once('connect', () => socket.pause())
  const client = new Client(socket)
  await once(socket, 'connect')
  return client
}
