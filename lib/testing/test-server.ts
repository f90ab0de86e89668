import type { Codec } from '../codecs/codec.js'
import type { TcpConnection } from '../core/connection.js'
import type { Handler, Server } from '../core/contract.js'
import { Reactor } from '../core/reactor.js'
import { REASON_SHUTDOWN } from '../core/reasons.js'
import { TcpServer } from '../core/server.js'
import { booleanOption, checkOptionNames, integerOption, objectOption } from '../core/validate.js'
import type { Protocol } from '../protocols/protocol.js'
import { addressOption } from './address.js'
import { type ClientHome, TestClient } from './client.js'
import { Driver } from './driver.js'
import { testError } from './errors.js'
import { Ledger } from './ledger.js'
import { MemoryModule, memoryLayout } from './module.js'
import { resolveTestOptions, type TestServerOptions } from './options.js'
import { MemoryReactor } from './reactor.js'

export interface ConnectOptions {
  /** Default '192.0.2.1', of the block for documentation (RFC 5737). */
  address?: string
  /** 1 to 65535. Default: 50000 for the first, and one more for each further. */
  port?: number
  /** false: the client answers the server's FIN by its own, as most do. Default false. */
  allowHalfOpen?: boolean
}

const ADVANCE_MS_MAX = 2 ** 40
const FIRST_PORT = 50_000
const PORTS = 65_536 - FIRST_PORT

/** A server of a test: the whole TypeScript half of holdfast, on a reactor in memory. */
export class TestServer<Receives = never, Sends = never, Data = unknown>
  implements AsyncDisposable
{
  /** As listen() gives it. */
  readonly server: Server<Data>
  readonly #core: TcpServer
  readonly #native: MemoryReactor
  readonly #home: ClientHome
  readonly #clients: TestClient<Receives, Sends, Data>[] = []

  constructor(handler: Handler, options: TestServerOptions) {
    const { listen, codec } = resolveTestOptions(handler, options)
    const ledger = new Ledger()
    const module = new MemoryModule(memoryLayout(), (...given) => new MemoryReactor(...given))
    const reactor = new Reactor(module, 'epoll')
    this.#native = module.reactor
    const watched = { ...listen, handler: ledger.watch(handler) }
    this.#core = new TcpServer(reactor, watched, '127.0.0.1', 4)
    this.#home = { driver: new Driver(module.reactor), ledger, codec }
    this.server = this.#core as Server as Server<Data>
    ledger.follow(this.#core)
  }

  /** The virtual clock: 0 at first, moved by advance() alone. */
  get nowMs(): number {
    return this.#native.nowMs
  }

  /**
   * A client, whose connection opens with the next await.
   * @throws HoldfastTypeError, HoldfastRangeError for a bad option; HoldfastError ERR_HOLDFAST_TEST
   *   once the server closes
   */
  connect(options: ConnectOptions = {}): TestClient<Receives, Sends, Data> {
    const given = objectOption('connect: options', options)
    checkOptionNames('connect', given, ['address', 'port', 'allowHalfOpen'])
    const { address = '192.0.2.1', port, allowHalfOpen = false } = given
    const nextPort = FIRST_PORT + (this.#clients.length % PORTS)
    const from = addressOption('connect: address', address)
    const fromPort = integerOption('connect: port', port ?? nextPort, 1, 65_535)
    const staysOpen = booleanOption('connect: allowHalfOpen', allowHalfOpen)
    if (this.#native.listeners[0]?.open !== true) {
      throw testError('connect: the server is closing, and its port is closed')
    }
    const peer = this.#native.connect(0, fromPort, from)
    const client = new TestClient<Receives, Sends, Data>(this.#home, peer, staysOpen)
    this.#clients.push(client)
    return client
  }

  /**
   * Moves the virtual clock on by 0 to 2^40 ms: every deadline, heartbeat and detection of a vanished
   * peer at its own time, in order, with all that follows from it.
   */
  async advance(ms: number): Promise<void> {
    integerOption('advance: ms', ms, 0, ADVANCE_MS_MAX, 'ms')
    await this.#home.driver.advance(ms)
  }

  /** All that clients and server have done by now takes effect, promises of handlers included. */
  async settle(): Promise<void> {
    await this.#home.driver.settle()
  }

  /**
   * Turns until a promise of the server's settles, as `until(server.close())`; resolves or rejects as it.
   * @throws (rejects with) HoldfastError ERR_HOLDFAST_TEST when it does not within 2 s of real time
   */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false
    const watched = promise.finally(() => {
      isSettled = true
    })
    // Awaited below; until then a rejection has somebody who takes it.
    watched.catch(() => {})
    await this.#home.driver.until(
      () => isSettled,
      () => 'until: the promise has not settled within 2 s',
    )
    return watched
  }

  /**
   * Closes the server, without waiting for clients that do not answer, and checks the books.
   * @throws (rejects with) HoldfastError ERR_HOLDFAST_TEST with everything that is wrong; its cause is
   *   the first error among it
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const { driver, ledger } = this.#home
    await driver.settle()
    const leftOver = this.#clients.flatMap((client) => client.problems())
    const closed = this.#core.close()
    await driver.settle()
    for (const connection of this.#core.connections) {
      ;(connection as TcpConnection).destroyWith(REASON_SHUTDOWN, false)
    }
    await driver.settle()
    await closed
    const problems = [...leftOver, ...ledger.problems(this.#core)]
    if (problems.length > 0) {
      const list = problems.map(({ what }) => `\n- ${what}`).join('')
      const { error } = problems.find((problem) => problem.error !== undefined) ?? {}
      throw testError(`the test server found:${list}`, error)
    }
  }
}

/**
 * A server for this protocol or handler, without sockets and without waiting.
 * @throws HoldfastTypeError, HoldfastRangeError for a bad option
 */
export function testServer<Receives, Sends, Data = unknown>(
  handler: Handler<Data>,
  options: TestServerOptions<Receives, Sends> & { codec: Codec<Receives, Sends> },
): TestServer<Receives, Sends, Data>
export function testServer<In, Out, Data>(
  handler: Protocol<In, Out, Data>,
  options?: TestServerOptions,
): TestServer<In, Out, Data>
export function testServer<Data = unknown>(
  handler: Handler<Data>,
  options?: TestServerOptions,
): TestServer<never, never, Data>
export function testServer(handler: Handler, options: TestServerOptions = {}): TestServer {
  return new TestServer(handler, options)
}
