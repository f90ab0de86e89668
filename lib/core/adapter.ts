import type { DisconnectCompletion } from './completion.js'
import type { Connection } from './contract.js'
import type { ServerState } from './server-state.js'

/** Gets what happens to one connection, in place of the server's handler. */
export interface Adapter {
  /** The chunk is its own. */
  data(chunk: Buffer): void
  /** The queue fell to the low watermark after write() had returned false, or awaitDrain(). */
  drain(): void
  /** The peer's FIN. Whether the connection ends then is the adapter's to say. */
  end(): void
  /** Before handler.close and the cleanup hooks. */
  close(completion: DisconnectCompletion): void
}

/** How a connection is told what has taken its place; lib/core/adapted.ts is what that may do. */
export interface AdaptableConnection extends Connection {
  readonly home: ServerState
  readonly slot: number
  readonly generation: number
  flags: number
  /** Its events go there from now on; also what it holds already. */
  adapt(adapter: Adapter): void
  dropHeld(): void
}
