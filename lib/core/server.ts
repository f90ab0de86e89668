import { inspect } from 'node:util'
import type { IoKind } from '../native/reactor.js'
import { broadcast } from './broadcast.js'
import type { DisconnectCompletion } from './completion.js'
import { TcpConnection } from './connection.js'
import type {
  BroadcastOptions,
  BroadcastResult,
  CleanupHook,
  CloseOptions,
  Connection,
  IdentityKey,
  InspectedConnection,
  Server,
  ServerAddress,
  Unregister,
} from './contract.js'
import type { ServerCounters } from './counters.js'
import { Drain, resolveDrain } from './drain.js'
import { type EffectiveKeepalive, effectiveKeepalive } from './effective-keepalive.js'
import { connectionClosed, optionType } from './errors.js'
import { Identities } from './identities.js'
import { inspectConnections } from './inspection.js'
import type { ResolvedOptions } from './options.js'
import { HAS_LIVENESS_CLOCK } from './platform.js'
import type { Reactor } from './reactor.js'
import {
  type DisconnectListener,
  type ErrorListener,
  type RefusedListener,
  ServerState,
} from './server-state.js'
import { functionOption } from './validate.js'

/** The object behind the Server contract: one bound port on one reactor. */
export class TcpServer implements Server {
  readonly address: ServerAddress
  readonly io: IoKind
  readonly #reactor: Reactor
  readonly #state: ServerState
  readonly #listener: number
  /** Kept from the moment of close(), when there is no listener to ask any more. */
  #lastKeepalive: EffectiveKeepalive | null = null
  /** From the moment of close(). */
  #drain: Drain | null = null
  #closed: Promise<ServerCounters> | null = null

  /** @throws the system's error when the address cannot be bound */
  constructor(reactor: Reactor, options: ResolvedOptions, address: string, family: 4 | 6) {
    const { native } = reactor
    const listening = native.listen({
      address,
      family,
      port: options.port,
      backlog: options.backlog,
      ipv6Only: options.ipv6Only,
      reusePort: options.reusePort,
      noDelay: options.noDelay,
      keepalive: options.keepalive.toNative({ livenessClock: HAS_LIVENESS_CLOCK }),
      inherit: options.inherit === 'auto',
      lowWatermark: options.lowWatermarkBytes,
      queueMemory: options.queueMemoryBytes,
      acceptBudget: options.acceptBudget,
      readChunkBytes: options.readChunkBytes,
      deadlines: options.deadlines,
      intake: options.intake,
      admission: options.limits,
      proxy: options.proxy,
    })
    this.#reactor = reactor
    this.#listener = listening.listener
    this.io = reactor.io
    this.address = Object.freeze({
      host: listening.address,
      port: listening.port,
      family: listening.family,
    })
    this.#state = new ServerState(this, options, reactor)
    reactor.attach(this.#listener, this.#state)
  }

  get connections(): Iterable<Connection> {
    return { [Symbol.iterator]: () => this.#connections() }
  }

  get counters(): ServerCounters {
    let queuedBytes = 0
    let throttled = 0
    for (const { slot } of this.#connections()) {
      queuedBytes += this.#reactor.queuedBytes[slot] as number
      throttled += this.#reactor.throttles[slot] as number
    }
    const queueMemoryBytes = this.#reactor.native.listenerQueueMemory(this.#listener)
    return this.#state.counters.snapshot(queuedBytes, throttled, queueMemoryBytes)
  }

  get keepalive(): EffectiveKeepalive {
    return (
      this.#lastKeepalive ??
      effectiveKeepalive(this.#state.policy, this.#reactor.native.listenerKeepalive(this.#listener))
    )
  }

  inspect(): InspectedConnection[] {
    const reactor = this.#reactor
    return inspectConnections(this.#state, this.#listener, (slot, generation) =>
      reactor.connectionAt(slot, generation),
    )
  }

  onDisconnect(listener: DisconnectListener): Unregister {
    functionOption('onDisconnect: listener', listener)
    const state = this.#state
    state.disconnectListeners = [...state.disconnectListeners, listener]
    return once(() => {
      state.disconnectListeners = without(state.disconnectListeners, listener)
    })
  }

  onCleanup(hook: CleanupHook): Unregister {
    functionOption('onCleanup: hook', hook)
    const state = this.#state
    state.cleanupHooks = [...state.cleanupHooks, hook]
    return once(() => {
      state.cleanupHooks = without(state.cleanupHooks, hook)
    })
  }

  onError(listener: ErrorListener): Unregister {
    functionOption('onError: listener', listener)
    const state = this.#state
    state.errorListeners = [...state.errorListeners, listener]
    return once(() => {
      state.errorListeners = without(state.errorListeners, listener)
    })
  }

  onRefused(listener: RefusedListener): Unregister {
    functionOption('onRefused: listener', listener)
    const state = this.#state
    state.refusedListeners = [...state.refusedListeners, listener]
    return once(() => {
      state.refusedListeners = without(state.refusedListeners, listener)
    })
  }

  broadcast(data: string | Uint8Array, options: BroadcastOptions = {}): BroadcastResult {
    return broadcast(this.#state, this.#listener, this.#connections(), data, options)
  }

  close(options: CloseOptions = {}): Promise<ServerCounters> {
    const wanted = resolveDrain(options)
    if (this.#drain === null) {
      this.#lastKeepalive = this.keepalive
      this.#drain = new Drain(this.#state, () => this.#connections(), wanted)
      this.#closed = this.#drain.over.then(() => {
        this.#reactor.detach(this.#listener, this.#state)
        return this.counters
      })
      this.#drain.begin(this.#listener, wanted.deadlineMs)
    } else if (options.deadlineMs !== undefined) {
      this.#drain.shorten(wanted.deadlineMs)
    }
    return this.#closed as Promise<ServerCounters>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async identify(connection: Connection, key: IdentityKey): Promise<DisconnectCompletion | null> {
    if (!['string', 'number', 'bigint'].includes(typeof key)) {
      throw optionType('identify: key', key, 'a string, a number or a bigint')
    }
    if (!(connection instanceof TcpConnection) || connection.home !== this.#state) {
      throw optionType('identify: connection', connection, 'a connection of this server')
    }
    if (connection.isGone) {
      throw connectionClosed('identify')
    }
    this.#state.identities ??= new Identities()
    return this.#state.identities.identify(connection, key)
  }

  identified(key: IdentityKey): Connection | undefined {
    return this.#state.identities?.find(key)
  }

  suspend(): void {
    this.#setSuspended(true)
  }

  resume(): void {
    this.#setSuspended(false)
  }

  ref(): void {
    this.#setRef(true)
  }

  unref(): void {
    this.#setRef(false)
  }

  [inspect.custom](): string {
    const { host, port } = this.address
    return `Server { host: '${host}', port: ${port}, open: ${this.#state.counters.open} }`
  }

  #connections(): Generator<TcpConnection> {
    return this.#reactor.connectionsOf(this.#state)
  }

  #setSuspended(suspended: boolean): void {
    if (this.#closed === null) {
      this.#reactor.native.suspendListener(this.#listener, suspended)
    }
  }

  #setRef(referenced: boolean): void {
    if (this.#closed === null) {
      this.#reactor.native.setListenerRef(this.#listener, referenced)
    }
  }
}

function without<Item>(items: readonly Item[], item: Item): readonly Item[] {
  const index = items.indexOf(item)
  return items.filter((_, at) => at !== index)
}

function once(action: () => void): Unregister {
  let done = false
  return () => {
    if (!done) {
      done = true
      action()
    }
  }
}
