import type { IoKind, NativeModule, NativeReactor } from '../native/reactor.js'
import type { TcpConnection } from './connection.js'
import { Dispatcher } from './dispatch.js'
import type { ReactorPart, ServerState } from './server-state.js'
import { Submitter } from './submit.js'

/** The JS half of one native reactor: its queues, and who owns which slot and listener. */
export class Reactor implements ReactorPart {
  readonly io: IoKind
  readonly native: NativeReactor
  readonly submit: Submitter
  readonly queuedBytes: Uint32Array
  readonly wantsDrain: Uint8Array
  readonly throttles: Uint32Array
  readonly #dispatcher: Dispatcher

  constructor(module: NativeModule, io: IoKind) {
    this.io = io
    // Called by native later, never from within createReactor().
    this.native = module.createReactor(io, (count, slabBytes) => {
      this.#dispatcher.deliver(count, slabBytes)
    })
    this.submit = new Submitter(this.native, module.layout)
    this.queuedBytes = new Uint32Array(this.native.queuedBytes)
    this.wantsDrain = new Uint8Array(this.native.wantsDrain)
    this.throttles = new Uint32Array(this.native.throttles)
    this.#dispatcher = new Dispatcher(this.native, this.submit)
  }

  /** From now on arrivals on this listener belong to that server. */
  attach(listener: number, server: ServerState): void {
    this.#dispatcher.servers.set(listener, server)
  }

  /** Ignored when the number serves another listener by now. */
  detach(listener: number, server: ServerState): void {
    const { servers } = this.#dispatcher
    if (servers.get(listener) === server) {
      servers.delete(listener)
    }
  }

  /** null: the id is stale, or its `open` has not been delivered yet. */
  connectionAt(slot: number, generation: number): TcpConnection | null {
    const connection = this.#dispatcher.connections[slot] ?? null
    return connection !== null && connection.generation === generation ? connection : null
  }

  /** By slot; connections that end or open meanwhile do no harm. */
  *connectionsOf(server: ServerState): Generator<TcpConnection> {
    const { connections } = this.#dispatcher
    for (let slot = 0; slot < connections.length; slot++) {
      const connection = connections[slot] ?? null
      if (connection !== null && connection.home === server) {
        yield connection
      }
    }
  }
}

const reactors = new Map<IoKind, Reactor>()

/** The reactor of this environment for one io kind; created on first use and kept. */
export function openReactor(module: NativeModule, io: IoKind): Reactor {
  let reactor = reactors.get(io)
  if (reactor === undefined) {
    const opened = new Reactor(module, io)
    // What was written in the last moment arrives: process.exit() and an uncaught exception end the
    // process without another turn.
    process.on('exit', () => opened.native.flush())
    reactor = opened
    reactors.set(io, reactor)
  }
  return reactor
}
