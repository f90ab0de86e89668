import { type Encoder, encoded } from '../../core/output.js'
import { failure, type Line, putReply, type Reply } from './reply.js'
import type { Client } from './session.js'

/** Of one connection. */
const CHANNELS_MAX = 1024
/** Of a name, in bytes. */
const CHANNEL_BYTES_MAX = 256
/** Of all connections: with the longest names, each of its own, they take half a gigabyte. */
export const SUBSCRIPTIONS_MAX = 1_000_000

const LONG_NAME = failure(`ERR the name of a channel has at most ${CHANNEL_BYTES_MAX} bytes`)
const TOO_MANY = failure(`ERR a connection listens to at most ${CHANNELS_MAX} channels`)

const MESSAGES: Encoder = { encode: (message, output) => putReply(message as Reply, output) }

/** Who listens to what. */
export class Channels {
  readonly #listeners = new Map<string, Set<Client>>()
  readonly #maxSubscriptions: number
  readonly #full: Line
  #subscriptions = 0

  constructor(maxSubscriptions: number) {
    this.#maxSubscriptions = maxSubscriptions
    this.#full = failure(`ERR all connections listen to at most ${maxSubscriptions} channels`)
  }

  get size(): number {
    return this.#listeners.size
  }

  /** null: it listens; else why it does not. */
  join(client: Client, channel: string): Line | null {
    if (channel.length > CHANNEL_BYTES_MAX) {
      return LONG_NAME
    }
    const joined = this.#joinedBy(client)
    if (joined.has(channel)) {
      return null
    }
    if (joined.size >= CHANNELS_MAX) {
      return TOO_MANY
    }
    if (this.#subscriptions >= this.#maxSubscriptions) {
      return this.#full
    }
    this.#subscriptions++
    joined.add(channel)
    const listeners = this.#listeners.get(channel)
    listeners === undefined
      ? this.#listeners.set(channel, new Set([client]))
      : listeners.add(client)
    return null
  }

  leave(client: Client, channel: string): void {
    if (client.data.channels?.delete(channel) !== true) {
      return
    }
    this.#subscriptions--
    const listeners = this.#listeners.get(channel)
    listeners?.delete(client)
    if (listeners?.size === 0) {
      this.#listeners.delete(channel)
    }
  }

  /** Encoded once, whoever listens. Returns how many it was sent to. */
  publish(from: Client, channel: string, message: string): number {
    const to = this.#listeners.get(channel)
    if (to === undefined) {
      return 0
    }
    const bytes = encoded(MESSAGES, ['message', channel, message])
    const { taken, ended } = from.server.broadcast(bytes, { to })
    return taken + ended
  }

  #joinedBy(client: Client): Set<string> {
    const session = client.data
    if (session.channels === null) {
      const joined = new Set<string>()
      session.channels = joined
      // Next to what it undoes, and once, whatever ends the connection.
      client.onCleanup(() => {
        for (const channel of joined) {
          this.leave(client, channel)
        }
      })
    }
    return session.channels as Set<string>
  }
}
