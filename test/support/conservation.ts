import type { Connection, DisconnectCompletion, Server, ServerCounters } from '../../lib/index.js'

/** The part of a server that is looked at. */
export type Observed = Pick<Server, 'counters'> & { readonly connections: Iterable<unknown> }

// Walking all connections at each completion would be quadratic: beyond this many open ones it is
// done each time their number's 64th part has ended.
const WALKED_ALWAYS = 64

/** What must hold at every moment; null when it does. */
export function conservationProblem(counters: ServerCounters): string | null {
  const { arrived, accepted, open, closed, refused } = counters
  if (accepted !== open + sum(closed)) {
    return `accepted ${accepted}, open ${open}, closed ${sum(closed)}`
  }
  if (arrived !== accepted + sum(refused)) {
    return `arrived ${arrived}, accepted ${accepted}, refused ${sum(refused)}`
  }
  return null
}

/**
 * Keeps the books of one server from outside, by what its handler is told, and compares them with
 * its counters at each open, at each end, and when it has closed.
 */
export class Conservation {
  readonly problems: string[] = []
  opens = 0
  closes = 0
  readonly #ids = new Set<number>()
  #bytesRead = 0
  #bytesWritten = 0

  /** In handler.open. */
  opened(server: Observed): void {
    this.opens++
    this.#compare(server)
  }

  /** In handler.close, which is called once for each completion. */
  closed(server: Observed, connection: Connection<never>, completion: DisconnectCompletion): void {
    this.closes++
    this.#bytesRead += completion.bytesRead
    this.#bytesWritten += completion.bytesWritten
    if (this.#ids.has(completion.id)) {
      this.#complain(`connection ${completion.id} has ended twice`)
    }
    this.#ids.add(completion.id)
    if (connection.completion !== completion) {
      this.#complain(`connection ${completion.id} has another completion`)
    }
    this.#compare(server)
  }

  /** After server.close(). */
  over({ counters }: Observed): void {
    this.#expect('open at the end', counters.open, 0)
    this.#expect('accepted', counters.accepted, this.opens)
    this.#expect('completions', this.closes, this.opens)
    this.#expect('bytesRead', counters.bytesRead, this.#bytesRead)
    this.#expect('bytesWritten', counters.bytesWritten, this.#bytesWritten)
    this.#note(conservationProblem(counters))
  }

  #compare(server: Observed): void {
    const { counters } = server
    this.#note(conservationProblem(counters))
    this.#expect('accepted', counters.accepted, this.opens)
    this.#expect('sum(closed)', sum(counters.closed), this.closes)
    const each = Math.max(1, Math.floor(counters.open / WALKED_ALWAYS))
    if ((this.opens + this.closes) % each === 0) {
      this.#expect('open', counters.open, [...server.connections].length)
    }
  }

  #expect(what: string, counted: number, expected: number): void {
    if (counted !== expected) {
      this.#complain(`${what}: ${counted} counted, ${expected} seen`)
    }
  }

  #note(problem: string | null): void {
    if (problem !== null) {
      this.#complain(problem)
    }
  }

  /** The first ones tell it all. */
  #complain(problem: string): void {
    if (this.problems.length < 10) {
      this.problems.push(problem)
    }
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
