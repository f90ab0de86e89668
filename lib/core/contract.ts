import type { Socket } from 'node:net'
import type { IoKind } from '../native/reactor.js'
import type { DisconnectCompletion } from './completion.js'
import type { ServerCounters } from './counters.js'
import type { EffectiveKeepalive } from './effective-keepalive.js'
import type { KeepaliveInput } from './keepalive-policy.js'
import type { ProxyInfo } from './proxy-header.js'
import type { RefusalCause } from './reasons.js'
import type { SocketTimer } from './socket-row.js'
import type { TcpInfo } from './tcp-info.js'

// One file, because these types speak of each other: the public face of a server and its connections.

/** What a client is known by, whichever connection it comes over. */
export type IdentityKey = string | number | bigint

export type WriteEncoding = 'utf8' | 'latin1'

/** open: both ways · draining: its end is under way · closed: the completion is there. */
export type ConnectionState = 'open' | 'draining' | 'closed'

/** User code that runs exactly once after a connection's end. A returned promise is awaited. */
export type CleanupHook<Data = unknown> = (
  completion: DisconnectCompletion,
  connection: Connection<Data>,
) => unknown

/** A connection as the kernel and the reactor see it now. */
export interface ConnectionInfo {
  bytesRead: number
  /** Taken by the kernel. */
  bytesWritten: number
  /** Handed to write() and not yet taken by the kernel. */
  bytesQueued: number
  durationMs: number
  /** Since the last segment heard of the peer; null where unknown. */
  silentMs: number | null
  tcp: TcpInfo | null
}

/** One of the open connections of a server, as server.inspect() found it. */
export interface InspectedConnection<Data = unknown> extends ConnectionInfo {
  connection: Connection<Data>
  /** null where the system does not tell timers, or the connection came or went during the look. */
  timer: SocketTimer | null
}

/** One accepted connection. After its end every method is harmless: none reaches another client's socket. */
export interface Connection<Data = unknown> {
  /**
   * Opaque, and no count: never given twice by one reactor (an event loop and an Io), however many
   * connections come and go.
   */
  readonly id: number
  readonly server: Server<Data>
  readonly state: ConnectionState
  /** Whether write() still takes bytes. */
  readonly writable: boolean
  /** Yours: holdfast never touches it. Undefined until you set it. */
  data: Data
  /**
   * Made into text on each use; null in the moment between the socket's end and the completion, and
   * where the system did not tell.
   */
  readonly remoteAddress: string | null
  readonly remotePort: number | null
  /** What the PROXY header said; null for a client that came without a proxy. Read on first use. */
  readonly proxy: ProxyInfo | null
  /** null while open. */
  readonly completion: DisconnectCompletion | null
  /** Resolves when the last hook has run or is late; never rejects. Created on first use. */
  readonly closed: Promise<DisconnectCompletion>
  /** Aborted at the end, before handler.close, with the completion as its reason. Created on first use. */
  readonly signal: AbortSignal
  /**
   * Hands bytes over; they are taken before it returns, so the array may be used again. A string is
   * sent as utf8 (default) or latin1. true: go on. false: above the high watermark, and `drain`
   * follows; or the connection has ended (`writable` is false) and nothing was taken. Above
   * `maxQueuedBytes` the connection ends with slow-consumer.
   */
  write(data: string | Uint8Array, encoding?: WriteEncoding): boolean
  /**
   * Sends what is queued, then FIN; reading goes on until the peer has ended too, or for
   * `deadlines.endMs` after this call, where that is set.
   */
  end(data?: string | Uint8Array, encoding?: WriteEncoding): void
  /** Closes now and drops what is queued (local-abort). */
  destroy(): void
  /** Closes now with RST (local-abort). */
  reset(): void
  /** The handshake is complete: `deadlines.handshakeMs` no longer applies. */
  ready(): void
  /** The protocol has recognised a ping: `limits.pingsPerMinute` counts these calls. */
  pinged(): void
  /** Stops reading. Chunks already received are held and delivered on resume, or before the end. */
  pause(): void
  resume(): void
  /**
   * The policy in force, read back from the kernel; sets it first when one is given.
   * @throws HoldfastError ERR_HOLDFAST_CLOSED once the connection has ended
   */
  keepalive(policy?: KeepaliveInput): EffectiveKeepalive
  /** null once the connection has ended. About 1 microsecond: one TCP_INFO call. */
  info(): ConnectionInfo | null
  /** Last in, first out; exactly once; at once when the connection has already been cleaned up. */
  onCleanup(hook: CleanupHook<Data>): void
  /**
   * The connection as a stream that stands in for a net.Socket; what would have gone to
   * handler.data, drain and end goes there from now on. A second call returns the same one.
   * @throws HoldfastError ERR_HOLDFAST_CLOSED once the connection has ended and none was made before
   */
  toDuplex(options?: DuplexOptions): ConnectionDuplex<Data>
  /** An open connection keeps the process alive unless unref() was called. */
  ref(): void
  unref(): void
}

export interface DuplexOptions {
  /** Keep the sending side open after the peer's FIN until end() is called. Default: the server's. */
  allowHalfOpen?: boolean
  /** Bytes that the stream holds each way before it stops the flow. Default: Node's own for streams. */
  highWaterMark?: number
}

/** A connection behind the interface of a net.Socket; docs/reference/duplex.md has the differences. */
export interface ConnectionDuplex<Data = unknown> extends Socket {
  readonly connection: Connection<Data>
}

/**
 * One shared object per listener. Every method is optional. One that throws, or returns a promise
 * that rejects, ends its own connection with handler-error; other connections never notice.
 */
export interface Handler<Data = unknown> {
  open?(connection: Connection<Data>): unknown
  /**
   * The chunk is yours to keep and to change. It is a view into memory shared with other chunks, of
   * 64 KiB at most, which it pins: copy small ones that you keep for long (`Buffer.from(chunk)`).
   */
  data?(connection: Connection<Data>, chunk: Buffer): unknown
  /** The queue fell to the low watermark after write() had returned false. */
  drain?(connection: Connection<Data>): unknown
  /**
   * The peer sent FIN. Unless the server allows half-open connections, the connection ends with
   * peer-end when this returns; what was written until then is still sent.
   */
  end?(connection: Connection<Data>): unknown
  /** Nothing came for `heartbeat.intervalMs`: write a ping that the client answers. */
  heartbeat?(connection: Connection<Data>): unknown
  /**
   * server.close() has come to this connection: say goodbye. When this returns, or its promise
   * settles, the connection ends with shutdown.
   */
  shutdown?(connection: Connection<Data>): unknown
  /** The end, before the cleanup hooks. A returned promise is awaited, within cleanupTimeoutMs. */
  close?(connection: Connection<Data>, completion: DisconnectCompletion): unknown
}

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly family: 4 | 6
}

export interface CloseOptions {
  /** After this many ms connections that are still there are destroyed. Default 10000. */
  deadlineMs?: number
  /**
   * At most so many connections are ended in a second, 1 to 1000000, so that their clients do not
   * come back all at once. Default: all are ended at once.
   */
  perSecond?: number
  /** 1 to 4096 bytes, a string as utf8: the last that a client gets, behind handler.shutdown. */
  message?: string | Uint8Array
}

export interface BroadcastOptions<Data = unknown> {
  /** Of a string. Default 'utf8'. */
  encoding?: WriteEncoding
  /** Default: all open connections of the server. One that comes twice gets the bytes twice. */
  to?: Iterable<Connection<Data>>
  /** Left out; undefined: nobody is. */
  except?: Connection<Data> | undefined
}

/**
 * Of the connections that a broadcast was for. Those that had ended, or that the send finds dead,
 * are in none of the counts.
 */
export interface BroadcastResult {
  /** Took the bytes. */
  taken: number
  /** Of these, above their high watermark: `drain` follows, as after a write() that returned false. */
  waiting: number
  /** End with slow-consumer, for `maxQueuedBytes` or `limits.queuedBytes`. */
  ended: number
}

/** Where an error arose that is given to onError. */
export interface ErrorContext<Data = unknown> {
  where: 'close' | 'connection' | 'server' | 'disconnect' | 'refused' | 'handler'
  connection: Connection<Data> | null
  completion: DisconnectCompletion | null
}

/** Removes what was registered. Calling it again does nothing. */
export type Unregister = () => void

export interface Server<Data = unknown> extends AsyncDisposable {
  readonly address: ServerAddress
  /** The implementation that serves it. */
  readonly io: IoKind
  /** The open connections, by slot; safe to end any of them while iterating. */
  readonly connections: Iterable<Connection<Data>>
  /** A snapshot. */
  readonly counters: ServerCounters
  /** The policy that accepted connections get, read back from the kernel. */
  readonly keepalive: EffectiveKeepalive
  /**
   * conn.info() of every open connection at once, and the timers of their sockets: one dump of
   * sock_diag(7) on Linux, TCP_INFO socket by socket elsewhere. It blocks the event loop for about
   * 3 ms per 1,000 connections. Never throws; after the end there is nothing in it.
   */
  inspect(): InspectedConnection<Data>[]
  /** Called once per connection, after its last hook. */
  onDisconnect(
    listener: (completion: DisconnectCompletion, connection: Connection<Data>) => unknown,
  ): Unregister
  /** Runs for every connection, after the connection's own hooks; last in, first out. */
  onCleanup(hook: CleanupHook<Data>): Unregister
  /**
   * Failures that no completion can carry, or whose completion nobody gets: no onDisconnect listener
   * and `closed` unused. Without a listener of onError they become process warnings.
   */
  onError(listener: (error: unknown, context: ErrorContext<Data>) => unknown): Unregister
  /** Arrivals that never became connections. */
  onRefused(listener: (cause: RefusalCause, count: number) => unknown): Unregister
  /**
   * write() to many connections at once. The bytes are encoded once, and sent from where they are;
   * what some connections cannot send at once is kept in one copy for all of them.
   * @throws HoldfastTypeError for another kind of data, or a connection of another server; then
   *   nothing was sent
   */
  broadcast(data: string | Uint8Array, options?: BroadcastOptions<Data>): BroadcastResult
  /**
   * Stops accepting, lets in who is at the door already, and ends every connection with
   * shutdown. Resolves when all have ended and their hooks have run or are late; never rejects. A
   * later call returns the same promise, and of its options `deadlineMs` alone counts: one that ends
   * earlier than the deadline under way takes its place.
   * @throws HoldfastTypeError, HoldfastRangeError for a bad option
   */
  close(options?: CloseOptions): Promise<ServerCounters>
  /**
   * Gives the client behind this connection a key. Another connection with the same key, half open
   * perhaps, ends with `replaced`; until the cleanup hooks of all that had the key have run or are
   * late, this connection is not read, so that two handlers never serve one client side by side.
   * Resolves then, with the completion of the last one that had the key, or null; also when this
   * connection has ended meanwhile, and what was held of one that died is dropped.
   * @throws (rejects with) HoldfastTypeError for another kind of key, or a connection of another
   *   server; HoldfastError ERR_HOLDFAST_CLOSED once the connection has ended
   */
  identify(connection: Connection<Data>, key: IdentityKey): Promise<DisconnectCompletion | null>
  /** The connection that has this key: never one that is destroyed or closed. */
  identified(key: IdentityKey): Connection<Data> | undefined
  /** Accepts nothing until resume(): arrivals wait in the kernel's queue, which holds `backlog`. */
  suspend(): void
  resume(): void
  /**
   * A listening server keeps the process alive unless unref() was called; one that closes always
   * does, until it has.
   */
  ref(): void
  unref(): void
}
