import { type Encoder, encoded } from '../../core/output.js'
import { putReply, type Reply } from './reply.js'
import type { Client } from './session.js'

/** Of one connection. */
export const CHANNELS_MAX = 1024

const MESSAGES: Encoder = { encode: (message, output) => putReply(message as Reply, output) }

/** Who listens to what. */
export class Channels {
  readonly #listeners = new Map<string, Set<Client>>()

  get size(): number {
    return this.#listeners.size
  }

  /** false: it listens to CHANNELS_MAX already. */
  join(client: Client, channel: string): boolean {
    const joined = this.#joinedBy(client)
    if (joined.has(channel)) {
      return true
    }
    if (joined.size >= CHANNELS_MAX) {
      return false
    }
    joined.add(channel)
    const listeners = this.#listeners.get(channel)
    listeners === undefined
      ? this.#listeners.set(channel, new Set([client]))
      : listeners.add(client)
    return true
  }

  leave(client: Client, channel: string): void {
    client.data.channels?.delete(channel)
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
