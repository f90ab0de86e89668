import { constants } from 'node:os'
import { type Codec, INCOMPLETE } from '../codecs/codec.js'
import type { DisconnectCompletion } from '../core/completion.js'
import type { Connection } from '../core/contract.js'
import { optionType, printValue } from '../core/errors.js'
import { type Encoder, encoded } from '../core/output.js'
import { integerOption } from '../core/validate.js'
import { ID_SLOTS } from '../native/records.js'
import type { Driver } from './driver.js'
import { testError } from './errors.js'
import { Inbox } from './inbox.js'
import type { Ledger, Problem } from './ledger.js'
import type { MemoryPeer } from './peer.js'

/** How a connection ended as its client sees it: by the server's FIN, or by RST. */
export type ClientEnd = 'end' | 'reset'

const RECEIVE_BYTES_MAX = 2 ** 30

/** What a client knows of the server it is connected to. */
export interface ClientHome {
  readonly driver: Driver
  readonly ledger: Ledger
  /** null: the handler has none, and the test gave none. */
  readonly codec: Codec<unknown, unknown> | null
}

/** One client of a test server. What it does reaches the server with the next await. */
export class TestClient<Receives = never, Sends = never, Data = unknown> {
  readonly address: string
  readonly port: number
  readonly #home: ClientHome
  readonly #peer: MemoryPeer
  readonly #allowHalfOpen: boolean
  readonly #inbox = new Inbox()
  #end: ClientEnd | null = null
  #hasEnded = false
  #reads = true
  /** The server's FIN waits to be read. */
  #finWaits = false

  constructor(home: ClientHome, peer: MemoryPeer, allowHalfOpen: boolean) {
    this.#home = home
    this.#peer = peer
    this.#allowHalfOpen = allowHalfOpen
    this.address = peer.address.text
    this.port = peer.port
    peer.observer = {
      received: (bytes) => this.#inbox.add(bytes),
      ended: (reset) => this.#serverEnded(reset),
    }
  }

  /**
   * The server's end of it.
   * @throws HoldfastError ERR_HOLDFAST_TEST before handler.open was called: await settle() first
   */
  get connection(): Connection<Data> {
    const connection = this.#home.ledger.connection(this.#id)
    if (connection === null) {
      throw testError('connection: the server has not seen this client yet; await settle() first')
    }
    return connection as Connection as Connection<Data>
  }

  /** How the connection ended for the server; null while it has not. */
  get completion(): DisconnectCompletion | null {
    return this.#home.ledger.completion(this.#id)
  }

  /** All that it was sent and has read, whether taken by a receive() or not. A copy. */
  get received(): Buffer {
    return this.#inbox.look()
  }

  /**
   * Resolves when this client sees the end.
   * @throws (rejects with) HoldfastError ERR_HOLDFAST_TEST when none comes
   */
  get closed(): Promise<ClientEnd> {
    return this.#closed()
  }

  /** Each part is one chunk for the server, a large one several of `readChunkBytes`. A string is utf8. */
  send(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts) {
      if (typeof part !== 'string' && !(part instanceof Uint8Array)) {
        throw optionType('send: data', part, 'a string or a Uint8Array')
      }
    }
    if (this.#hasEnded) {
      throw testError('send: this client has ended its side')
    }
    for (const part of parts) {
      if (part.length > 0) {
        this.#peer.send(part)
      }
    }
  }

  /** One message, encoded by the codec. */
  sendMessage(message: Sends): void {
    const codec = this.#codec('sendMessage')
    this.send(encoded(codec as Encoder, message))
  }

  /**
   * The next message that the server has sent.
   * @throws (rejects with) ProtocolError when it is none; HoldfastError ERR_HOLDFAST_TEST when none
   *   comes within 2 s of real time, or the connection has ended before
   */
  async receive(): Promise<Receives> {
    const codec = this.#codec('receive')
    let message: Receives | typeof INCOMPLETE = INCOMPLETE
    await this.#until('receive', 'a message', () => {
      message = this.#inbox.next(codec as unknown as Codec<Receives, never>)
      return message !== INCOMPLETE
    })
    return message as Receives
  }

  /** The next `count` bytes, 1 to 2^30. Rejects as receive(). */
  async receiveBytes(count: number): Promise<Buffer> {
    integerOption('receiveBytes: count', count, 1, RECEIVE_BYTES_MAX, 'bytes')
    const isThere = () => this.#inbox.rest.length >= count
    await this.#until('receiveBytes', `${count} bytes`, isThere)
    return this.#inbox.take(count)
  }

  /** All that has come and was not taken, at least one byte, as utf8. Rejects as receive(). */
  async receiveText(): Promise<string> {
    await this.#until('receiveText', 'text', () => this.#inbox.rest.length > 0)
    return this.#inbox.take(this.#inbox.rest.length).toString()
  }

  /** What it gets and the test does not look at is no problem at the end, of this client. */
  ignoreRest(): void {
    this.#inbox.ignoresRest = true
  }

  /** FIN: it sends nothing more, and goes on reading. */
  end(): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true
      this.#peer.end()
    }
  }

  /** RST. */
  reset(): void {
    this.#hasEnded = true
    this.#end ??= 'reset'
    if (this.#peer.silentSinceMs === null) {
      this.#peer.fail('peer-reset', -constants.errno.ECONNRESET)
    }
  }

  /** Its window is closed: nothing more is taken from the server until resumeReading(). */
  stopReading(): void {
    this.#reads = false
    this.#peer.room = 0
  }

  resumeReading(): void {
    this.#reads = true
    this.#peer.take(Number.POSITIVE_INFINITY)
    if (this.#finWaits) {
      this.#seeEnd()
    }
  }

  /** A cable is pulled: nothing reaches it from now on, and nothing comes from it. */
  vanish(): void {
    this.#peer.vanish()
  }

  /** What is wrong with it at the end of the test. */
  problems(): Problem[] {
    const bytes = this.#inbox.leftOver
    const what = `client ${this.address}:${this.port} got ${bytes.length} bytes that the test has not looked at: ${show(bytes)}`
    return bytes.length === 0 ? [] : [{ what }]
  }

  get #id(): number {
    return this.#peer.generation * ID_SLOTS + this.#peer.slot
  }

  #codec(operation: string): Codec<unknown, unknown> {
    const { codec } = this.#home
    if (codec === null) {
      throw testError(
        `${operation}: there is no codec; give testServer() a protocol or the option codec`,
      )
    }
    return codec
  }

  async #closed(): Promise<ClientEnd> {
    await this.#home.driver.until(
      () => this.#end !== null,
      () => `closed: the server has not ended ${this.#who()}`,
    )
    return this.#end as ClientEnd
  }

  async #until(operation: string, what: string, isThere: () => boolean): Promise<void> {
    let found = false
    const problem = (): string => {
      const { rest } = this.#inbox
      const waiting = rest.length === 0 ? 'nothing' : `${rest.length} bytes, ${show(rest)},`
      return `${operation}: ${what} did not come to ${this.#who()}; ${waiting} came`
    }
    try {
      await this.#home.driver.until(() => {
        found = isThere()
        return found || this.#end !== null
      }, problem)
    } finally {
      // A test that was told of a failure need not be told that this has left something.
      this.#inbox.isMissing = !found
    }
    if (!found) {
      throw testError(problem())
    }
  }

  #who(): string {
    const { completion } = this.#home.ledger.connection(this.#id) ?? {}
    const state = [
      ...(this.#peer.silentSinceMs === null ? [] : ['vanished']),
      ...(this.#reads ? [] : ['does not read']),
      ...(completion == null ? [] : [`ended with ${completion.reason}`]),
    ]
    const client = `client ${this.address}:${this.port}`
    return state.length === 0 ? client : `${client} (${state.join(', ')})`
  }

  #serverEnded(reset: boolean): void {
    if (this.#end !== null) {
      return
    }
    if (reset) {
      this.#hasEnded = true
      this.#end = 'reset'
      return
    }
    this.#finWaits = true
    if (this.#reads) {
      this.#seeEnd()
    }
  }

  #seeEnd(): void {
    this.#finWaits = false
    this.#end ??= 'end'
    if (!this.#allowHalfOpen) {
      this.end()
    }
  }
}

function show(bytes: Buffer): string {
  return printValue(bytes.toString('latin1'))
}
