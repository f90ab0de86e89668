import type { DisconnectCompletion } from '../core/completion.js'
import type { Connection, Handler, Server } from '../core/contract.js'
import { makeReader, type ReadingHandler } from '../core/reader.js'

/** What one connection has been through. */
interface Account {
  readonly connection: Connection
  /** How often each of its hooks has run, in the order of their registration. */
  readonly hooks: { runs: number }[]
  readonly completions: DisconnectCompletion[]
  closes: number
  /** The test has looked at its completion. */
  isKnown: boolean
}

/** What is wrong, and the error behind it where there is one. */
export interface Problem {
  what: string
  error?: unknown
}

/** Keeps the books of a server from outside, and says at the end what does not add up. */
export class Ledger {
  readonly #accounts = new Map<number, Account>()
  readonly #strays: Problem[] = []

  /** The same handler, whose calls are written down. */
  watch(handler: Handler): Handler {
    const watched: ReadingHandler = {
      open: (connection) => {
        this.#opened(connection)
        return handler.open?.(connection)
      },
      data: (connection, chunk) => handler.data?.(connection, chunk),
      drain: (connection) => handler.drain?.(connection),
      end: (connection) => handler.end?.(connection),
      heartbeat: (connection) => handler.heartbeat?.(connection),
      shutdown: (connection) => handler.shutdown?.(connection),
      close: (connection, completion) => {
        this.#account(connection, 'close').closes++
        return handler.close?.(connection, completion)
      },
    }
    const make = (handler as ReadingHandler)[makeReader]
    if (make !== undefined) {
      watched[makeReader] = (home) => make.call(handler, home)
    }
    return watched
  }

  follow(server: Server): void {
    server.onDisconnect((completion, connection) => {
      this.#account(connection, 'completion').completions.push(completion)
    })
    server.onError((error) => {
      this.#strays.push({ what: `nobody was told of an error: ${String(error)}`, error })
    })
  }

  /** null: handler.open has not been called yet. */
  connection(id: number): Connection | null {
    return this.#accounts.get(id)?.connection ?? null
  }

  /** The completion of a connection, whose errors the test knows from now on. */
  completion(id: number): DisconnectCompletion | null {
    const account = this.#accounts.get(id)
    const completion = account?.connection.completion ?? null
    if (account !== undefined && completion !== null) {
      account.isKnown = true
    }
    return completion
  }

  /** After the server has closed. */
  problems({ counters }: Server): Problem[] {
    const accounts = [...this.#accounts.values()]
    const completions = accounts.flatMap((account) => account.completions)
    const sum = (key: 'bytesRead' | 'bytesWritten') =>
      completions.reduce((total, completion) => total + completion[key], 0)
    const closed = Object.values(counters.closed).reduce((total, count) => total + count, 0)
    return [
      ...accounts.flatMap(problemsOf),
      ...differs('connections accepted', counters.accepted, accounts.length),
      ...differs('connections closed', closed, accounts.length),
      ...differs('connections open', counters.open, 0),
      ...differs('bytes read', counters.bytesRead, sum('bytesRead')),
      ...differs('bytes written', counters.bytesWritten, sum('bytesWritten')),
      ...this.#strays,
    ]
  }

  #opened(connection: Connection): void {
    const hooks: { runs: number }[] = []
    const account = { connection, hooks, completions: [], closes: 0, isKnown: false }
    this.#accounts.set(connection.id, account)
    const register = connection.onCleanup.bind(connection)
    connection.onCleanup = (hook) => {
      const entry = { runs: 0 }
      if (typeof hook === 'function') {
        hooks.push(entry)
      }
      register(
        typeof hook !== 'function'
          ? hook
          : (completion, subject) => {
              entry.runs++
              return hook(completion, subject)
            },
      )
    }
  }

  #account(connection: Connection, what: string): Account {
    const account = this.#accounts.get(connection.id)
    if (account === undefined) {
      const stray = `a ${what} of connection ${connection.id}, which was never opened`
      this.#strays.push({ what: stray })
      return { connection, hooks: [], completions: [], closes: 0, isKnown: true }
    }
    return account
  }
}

function problemsOf({ connection, hooks, completions, closes, isKnown }: Account): Problem[] {
  const who = `connection ${connection.id}`
  const unseen = isKnown ? [] : completions.flatMap(failuresOf)
  return [
    ...differs(`${who}: completions`, completions.length, 1),
    ...differs(`${who}: calls of handler.close`, closes, 1),
    ...hooks.flatMap(({ runs }, at) => differs(`${who}: runs of cleanup hook ${at + 1}`, runs, 1)),
    ...unseen.map(({ what, ...rest }) => ({ what: `${who}: ${what}`, ...rest })),
  ]
}

function failuresOf({ reason, error, hooks }: DisconnectCompletion): Problem[] {
  const failed = (what: string, cause: unknown): Problem => ({
    what: `${what}: ${String(cause)}`,
    error: cause,
  })
  return [
    ...(reason === 'handler-error' ? [failed('the handler failed', error)] : []),
    ...hooks.failures.map((failure) =>
      failed(`a cleanup hook failed (${failure.where})`, failure.error),
    ),
    ...(hooks.late > 0 ? [{ what: `${hooks.late} cleanup hooks had not settled in time` }] : []),
  ]
}

function differs(what: string, found: number, expected: number): Problem[] {
  return found === expected ? [] : [{ what: `${what}: ${found}, and ${expected} expected` }]
}
