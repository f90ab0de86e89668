import type { Adapter } from './adapter.js'
import type { DisconnectCompletion } from './completion.js'
import type { ConnectionDuplex } from './contract.js'
import type { KeepalivePolicy } from './keepalive-policy.js'
import { type ProxyInfo, readProxyHeader } from './proxy-header.js'

/** What few connections need and none should pay for: created on first use. */
export class ConnectionExtra {
  controller: AbortController | null = null
  closed: Promise<DisconnectCompletion> | null = null
  resolveClosed: ((completion: DisconnectCompletion) => void) | null = null
  /** Chunks received while paused, in order; then perhaps the peer's end. */
  held: Buffer[] | null = null
  heldEnd = false
  /** Whether delivery of the held chunks is already on its way. */
  releasing = false
  /** Given to keepalive(); null: the server's own. */
  policy: KeepalivePolicy | null = null
  /** What the connection was given to, with the flag ADAPTED. */
  adapter: Adapter | null = null
  /** Made by toDuplex(). */
  duplex: ConnectionDuplex | null = null
  /** Boxed, because a handler may throw undefined. */
  thrown: { error: unknown } | null = null
  /** The payload of its open record, until somebody asks. As latin1: a string is its bytes and little more. */
  proxyPayload: string | null = null
  #proxy: ProxyInfo | null = null

  /** null: it did not come through a proxy. */
  get proxy(): ProxyInfo | null {
    if (this.proxyPayload !== null) {
      this.#proxy = readProxyHeader(this.proxyPayload)
      this.proxyPayload = null
    }
    return this.#proxy
  }

  /** `finished`: the completion, once the last hook has run. */
  whenClosed(finished: DisconnectCompletion | null): Promise<DisconnectCompletion> {
    this.closed ??=
      finished !== null
        ? Promise.resolve(finished)
        : new Promise((resolve) => {
            this.resolveClosed = resolve
          })
    return this.closed
  }

  signal(completion: DisconnectCompletion | null): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (completion !== null) {
        this.controller.abort(completion)
      }
    }
    return this.controller.signal
  }
}
