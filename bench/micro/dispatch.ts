import type { Handler } from '../../lib/core/contract.js'
import { resolveListenOptions } from '../../lib/core/options.js'
import { Reactor } from '../../lib/core/reactor.js'
import { TcpServer } from '../../lib/core/server.js'
import type { Deliver } from '../../lib/native/reactor.js'
import {
  CONTROL_SUBMISSIONS,
  KIND_DATA,
  KIND_DRAIN,
  RECORD_WORDS,
} from '../../lib/native/records.js'
import { MemoryModule, memoryLayout } from '../../lib/testing/module.js'
import { MemoryReactor } from '../../lib/testing/reactor.js'
import type { MicroSuite } from './suite.js'

const BATCHES = [1, 8, 64, 1024]
const CHUNK_BYTES = 64

/** A native half that takes all that is submitted at once, and does nothing with it. */
class QuietReactor extends MemoryReactor {
  readonly #waiting = new Uint32Array(this.control)
  readonly #queued = new Uint32Array(this.queuedBytes)

  /** Returns how many submissions there were. */
  take(): number {
    const count = this.#waiting[CONTROL_SUBMISSIONS] as number
    this.#waiting.fill(0)
    this.#queued.fill(0, 0, this.peers.length)
    return count
  }

  override flush(): void {
    this.take()
  }
}

interface Event {
  readonly kind: number
  /** Of a handler that counts in `seen` what it was called for. */
  readonly handler: (seen: { calls: number }) => Handler
  readonly submissions: number
}

const EVENTS: Readonly<Record<string, Event>> = {
  'drain, no-op handler': {
    kind: KIND_DRAIN,
    submissions: 0,
    handler: (seen) => ({
      drain() {
        seen.calls++
      },
    }),
  },
  'data, no-op handler': {
    kind: KIND_DATA,
    submissions: 0,
    handler: (seen) => ({
      data() {
        seen.calls++
      },
    }),
  },
  'data, written back': {
    kind: KIND_DATA,
    submissions: 1,
    handler: (seen) => ({
      data(conn, chunk) {
        seen.calls++
        conn.write(chunk)
      },
    }),
  },
}

/** Delivers one batch with an event of each of so many connections; what it led to is counted. */
function batchOf(count: number, { kind, handler, submissions }: Event): () => void {
  const seen = { calls: 0 }
  let deliver: Deliver | undefined
  const module = new MemoryModule(memoryLayout(), (layout, given) => {
    deliver = given
    return new QuietReactor(layout, given)
  })
  const reactor = new Reactor(module, 'epoll')
  const options = resolveListenOptions({ port: 0, handler: handler(seen) })
  new TcpServer(reactor, options, '127.0.0.1', 4)
  const native = module.reactor
  const peers = Array.from({ length: count }, () => native.connect())
  native.deliver()
  native.take()
  const records = new Int32Array(native.completions)
  for (const [at, { slot, generation }] of peers.entries()) {
    records.set([kind, slot, generation, at * CHUNK_BYTES, CHUNK_BYTES], at * RECORD_WORDS)
  }
  const slabBytes = kind === KIND_DATA ? count * CHUNK_BYTES : 0
  return () => {
    seen.calls = 0
    deliver?.(count, slabBytes)
    const submitted = native.take()
    if (seen.calls !== count || submitted !== count * submissions) {
      throw new Error(`${seen.calls} calls and ${submitted} submissions of ${count} events`)
    }
  }
}

const batches = Object.entries(EVENTS).flatMap(([name, event]) =>
  BATCHES.map((count) => ({ name: `${name}, batch of ${count}`, count, event })),
)

/** What the TypeScript half does with a completion; ns are of one event, not of a batch. */
export const dispatching: MicroSuite = {
  name: 'dispatch an event',
  cases: Object.fromEntries(batches.map(({ name, count, event }) => [name, batchOf(count, event)])),
  operations: Object.fromEntries(batches.map(({ name, count }) => [name, count])),
}
