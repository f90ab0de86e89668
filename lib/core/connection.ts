import { inspect } from 'node:util'
import { DESTROY_BY_RESET, DESTROY_PLAINLY, ID_SLOTS } from '../native/records.js'
import type { AdaptableConnection, Adapter } from './adapter.js'
import { type CleanupSubject, runHookNow } from './cleanup.js'
import type { DisconnectCompletion } from './completion.js'
import { ConnectionExtra } from './connection-extra.js'
import { connectionKeepalive, type KeepaliveSubject } from './connection-keepalive.js'
import type {
  CleanupHook,
  ConnectionDuplex,
  ConnectionInfo,
  ConnectionState,
  DuplexOptions,
  Server,
  WriteEncoding,
} from './contract.js'
import { duplexOf } from './duplexes.js'
import type { EffectiveKeepalive } from './effective-keepalive.js'
import {
  BLOCKED,
  CLOSED,
  DESTROYED,
  ENDING,
  FINISHED,
  GONE,
  HOLDING,
  HOOKS_RUN,
  NOT_WRITABLE,
  PAUSED,
  STOPPED,
} from './flags.js'
import { adapt, dropHeld, type HandlerSubject, releaseHeld, releaseSoon } from './handler-calls.js'
import { readConnectionInfo, readPeer } from './info.js'
import type { KeepaliveInput } from './keepalive-policy.js'
import { ProtocolError } from './protocol-error.js'
import type { ProxyInfo } from './proxy-header.js'
import {
  REASON_HANDLER_ERROR,
  REASON_LOCAL_ABORT,
  REASON_LOCAL_END,
  REASON_PROTOCOL_ERROR,
} from './reasons.js'
import { sendMessage, writeBytes } from './sending.js'
import type { ServerState } from './server-state.js'
import { functionOption } from './validate.js'

/**
 * The object behind the Connection contract, one per accepted socket: 88 bytes of JS heap. Fields
 * are plain and set in one order, so that all connections share one hidden class.
 */
export class TcpConnection
  implements AdaptableConnection, CleanupSubject, HandlerSubject, KeepaliveSubject
{
  readonly home: ServerState
  readonly slot: number
  readonly generation: number
  flags = 0
  data: unknown = undefined
  hooks: CleanupHook | CleanupHook[] | null = null
  extra: ConnectionExtra | null = null
  completion: DisconnectCompletion | null = null

  constructor(home: ServerState, slot: number, generation: number) {
    this.home = home
    this.slot = slot
    this.generation = generation
  }

  get id(): number {
    return this.generation * ID_SLOTS + this.slot
  }

  get server(): Server {
    return this.home.server
  }

  get state(): ConnectionState {
    if ((this.flags & CLOSED) !== 0) {
      return 'closed'
    }
    return this.writable ? 'open' : 'draining'
  }

  get writable(): boolean {
    return (this.flags & NOT_WRITABLE) === 0
  }

  get isGone(): boolean {
    return (this.flags & GONE) !== 0
  }

  get remoteAddress(): string | null {
    if (this.completion !== null) {
      return this.completion.remoteAddress
    }
    return readPeer(this.home, this.slot, this.generation)?.address ?? null
  }

  get remotePort(): number | null {
    if (this.completion !== null) {
      return this.completion.remotePort
    }
    return readPeer(this.home, this.slot, this.generation)?.port ?? null
  }

  get proxy(): ProxyInfo | null {
    return this.extra === null ? null : this.extra.proxy
  }

  get closed(): Promise<DisconnectCompletion> {
    return this.needExtra().whenClosed((this.flags & FINISHED) !== 0 ? this.completion : null)
  }

  get signal(): AbortSignal {
    return this.needExtra().signal(this.completion)
  }

  write(data: string | Uint8Array, encoding: WriteEncoding = 'utf8'): boolean {
    return writeBytes(this, data, encoding)
  }

  send(message: unknown): boolean {
    return sendMessage(this, message)
  }

  end(data?: string | Uint8Array, encoding?: WriteEncoding): void {
    if (data !== undefined) {
      this.write(data, encoding)
    }
    this.endWith(REASON_LOCAL_END)
  }

  destroy(): void {
    this.destroyWith(REASON_LOCAL_ABORT, false)
  }

  reset(): void {
    this.destroyWith(REASON_LOCAL_ABORT, true)
  }

  ready(): void {
    if ((this.flags & GONE) === 0) {
      this.home.submit.ready(this.slot, this.generation)
    }
  }

  pinged(): void {
    if ((this.flags & GONE) === 0) {
      this.home.submit.pinged(this.slot, this.generation)
    }
  }

  pause(): void {
    this.stop(PAUSED)
  }

  resume(): void {
    this.goOn(PAUSED)
  }

  keepalive(input?: KeepaliveInput): EffectiveKeepalive {
    return connectionKeepalive(this, input)
  }

  info(): ConnectionInfo | null {
    if ((this.flags & GONE) !== 0) {
      return null
    }
    return readConnectionInfo(this.home, this.slot, this.generation)
  }

  onCleanup(hook: CleanupHook): void {
    functionOption('onCleanup: hook', hook)
    if ((this.flags & HOOKS_RUN) !== 0) {
      runHookNow(this, this.completion as DisconnectCompletion, hook)
    } else if (this.hooks === null) {
      this.hooks = hook
    } else if (typeof this.hooks === 'function') {
      this.hooks = [this.hooks, hook]
    } else {
      this.hooks.push(hook)
    }
  }

  ref(): void {
    setReferenced(this, true)
  }

  unref(): void {
    setReferenced(this, false)
  }

  /** Stops reading for one of the causes in STOPPED; chunks already received are held. */
  stop(cause: number): void {
    const { flags } = this
    if ((flags & (cause | GONE)) !== 0) {
      return
    }
    this.flags |= cause
    if ((flags & STOPPED) === 0) {
      this.home.submit.pause(this.slot, this.generation)
    }
  }

  /** Ends what stop() began; reading goes on when no other cause is left. */
  goOn(cause: number): void {
    if ((this.flags & (cause | GONE)) !== cause) {
      return
    }
    this.flags &= ~cause
    if ((this.flags & STOPPED) !== 0) {
      return
    }
    this.home.submit.resume(this.slot, this.generation)
    if ((this.flags & HOLDING) !== 0) {
      releaseSoon(this)
    }
  }

  /** Goes on with what its reader left. */
  release(): void {
    if ((this.flags & HOLDING) !== 0) {
      releaseHeld(this, BLOCKED)
    }
  }

  adapt(adapter: Adapter): void {
    adapt(this, adapter)
  }

  toDuplex(options?: DuplexOptions): ConnectionDuplex {
    return duplexOf(this, options)
  }

  /** end() with another reason. Native reports peer-end instead when the peer's FIN came first. */
  endWith(reason: number): void {
    if ((this.flags & NOT_WRITABLE) === 0) {
      this.flags |= ENDING
      this.home.submit.end(this.slot, this.generation, reason)
    }
  }

  /** destroy() with another reason; it replaces that of an end still under way. */
  destroyWith(reason: number, reset: boolean): void {
    if ((this.flags & GONE) === 0) {
      this.flags |= DESTROYED
      dropHeld(this)
      const manner = reset ? DESTROY_BY_RESET : DESTROY_PLAINLY
      this.home.submit.destroy(this.slot, this.generation, reason, manner)
    }
  }

  dropHeld(): void {
    dropHeld(this)
  }

  /**
   * What a handler threw. The first of a connection ends it; what its completion cannot carry goes to
   * onError.
   */
  fail(error: unknown): void {
    if ((this.flags & CLOSED) !== 0) {
      const { completion } = this
      this.home.reportError(error, { where: 'handler', connection: this, completion })
      return
    }
    const extra = this.needExtra()
    if (extra.thrown !== null) {
      this.home.reportError(error, { where: 'handler', connection: this, completion: null })
      return
    }
    extra.thrown = { error }
    const broken = error instanceof ProtocolError
    this.destroyWith(broken ? REASON_PROTOCOL_ERROR : REASON_HANDLER_ERROR, false)
  }

  needExtra(): ConnectionExtra {
    this.extra ??= new ConnectionExtra()
    return this.extra
  }

  [inspect.custom](): string {
    return `Connection { id: ${this.id}, state: '${this.state}' }`
  }
}

// Not a private method: its brand would cost every connection one more field.
function setReferenced(connection: TcpConnection, referenced: boolean): void {
  const { home, slot, generation } = connection
  if ((connection.flags & GONE) === 0) {
    home.native.setConnectionRef(slot, generation, referenced)
  }
}
