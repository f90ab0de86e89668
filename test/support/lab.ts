import { expect } from 'vitest'
import {
  type Connection,
  type DisconnectCompletion,
  type Handler,
  type IoKind,
  type ListenOptions,
  listen,
  type Server,
} from '../../lib/index.js'
import { type Client, type ClientOptions, connectClient } from './client.js'
import { Conservation } from './conservation.js'
import { type Deferred, deferred } from './wait.js'

/** The Io implementation under test: each project of the test run names one. */
export const ioUnderTest = (process.env.HOLDFAST_IO ?? 'auto') as 'auto' | IoKind

export type LabOptions = Partial<Omit<ListenOptions, 'handler'>>

export interface Pair<Data = unknown> {
  client: Client
  connection: Connection<Data>
}

/**
 * One server on a port of its own with the clients of one test. Leaving its scope closes all of it
 * and asserts what holds whatever the test was about: each connection ended in exactly one
 * completion, one handler.close and one disconnect report, and the counters agreed at each.
 */
export class Lab<Data = unknown> implements AsyncDisposable {
  readonly server: Server<Data>
  /** As onDisconnect reported them. */
  readonly completions: DisconnectCompletion[] = []
  readonly #clients: Client[] = []
  readonly #opened: Map<number, Connection<Data>>
  readonly #awaited: Map<number, Deferred<Connection<Data>>>
  readonly #conservation: Conservation

  constructor(
    server: Server<Data>,
    conservation: Conservation,
    opened: Map<number, Connection<Data>>,
    awaited: Map<number, Deferred<Connection<Data>>>,
  ) {
    this.server = server
    this.#conservation = conservation
    this.#opened = opened
    this.#awaited = awaited
    server.onDisconnect((completion) => {
      this.completions.push(completion)
    })
  }

  get port(): number {
    return this.server.address.port
  }

  async client(options: ClientOptions = {}): Promise<Client> {
    const host = this.server.address.host
    const client = await connectClient(this.port, { host, ...options })
    this.#clients.push(client)
    return client
  }

  /** A client and the server's end of the same connection, after handler.open. */
  async pair(options: ClientOptions = {}): Promise<Pair<Data>> {
    const client = await this.client(options)
    return { client, connection: await this.accepted(client.port) }
  }

  pairs(count: number, options: ClientOptions = {}): Promise<Pair<Data>[]> {
    return Promise.all(Array.from({ length: count }, () => this.pair(options)))
  }

  /** The connection of the client with this port, once handler.open was called for it. */
  async accepted(remotePort: number): Promise<Connection<Data>> {
    const found = this.#opened.get(remotePort)
    if (found !== undefined) {
      this.#opened.delete(remotePort) // the port may serve another client later
      return found
    }
    const waiting = deferred<Connection<Data>>()
    this.#awaited.set(remotePort, waiting)
    return waiting.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      client.destroy()
    }
    await this.server.close({ deadlineMs: 0 })
    this.#conservation.over(this.server)
    expect(this.#conservation.problems).toEqual([])
    expect(this.completions.length).toBe(this.#conservation.opens)
  }
}

/** A server for `handler` on a free port of 127.0.0.1, on the Io implementation under test. */
export async function openLab<Data = unknown>(
  handler: Handler<Data> = {},
  options: LabOptions = {},
): Promise<Lab<Data>> {
  const conservation = new Conservation()
  const opened = new Map<number, Connection<Data>>()
  const awaited = new Map<number, Deferred<Connection<Data>>>()
  const watched: Handler<Data> = {
    ...handler,
    open(connection) {
      conservation.opened(connection.server as Server)
      const port = connection.remotePort as number
      // Who waits goes on in a later microtask, after handler.open has returned.
      const waiting = awaited.get(port)
      awaited.delete(port)
      waiting === undefined ? opened.set(port, connection) : waiting.resolve(connection)
      return handler.open?.(connection)
    },
    close(connection, completion) {
      conservation.closed(connection.server as Server, connection as never, completion)
      return handler.close?.(connection, completion)
    },
  }
  const server = await listen({ port: 0, io: ioUnderTest, ...options, handler: watched })
  return new Lab(server, conservation, opened, awaited)
}
