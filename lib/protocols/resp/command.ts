import type { Channels } from './channels.js'
import type { Reply } from './reply.js'
import { type Request, wordHash } from './request.js'
import type { Client } from './session.js'
import type { Store } from './store.js'

/** What the connections of one server share. */
export interface Shared {
  readonly store: Store
  readonly channels: Channels
}

export interface Command {
  readonly name: string
  /** Of its arguments, the name counted. */
  readonly min: number
  readonly max: number
  /** May be given by a connection that listens to channels. */
  readonly whileListening?: boolean
  /** undefined: it has been answered already. */
  run(client: Client, request: Request, shared: Shared): Reply | undefined
}

/** Finds a command by the bytes of its name. */
export class CommandTable {
  readonly #byHash = new Map<number, Command>()

  constructor(commands: readonly Command[]) {
    for (const command of commands) {
      const hash = wordHash(command.name)
      const other = this.#byHash.get(hash)
      if (other !== undefined) {
        throw new Error(`the commands ${other.name} and ${command.name} have the same hash`)
      }
      this.#byHash.set(hash, command)
    }
  }

  find(request: Request): Command | undefined {
    const command = this.#byHash.get(request.hash(0))
    return command !== undefined && request.is(0, command.name) ? command : undefined
  }
}
