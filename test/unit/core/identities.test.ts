import { expect, test } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { KIND_DATA } from '../../../lib/native/records.js'
import type { MemoryPeer } from '../../../lib/testing/peer.js'
import { fakeServer } from '../../support/fake-server.js'
import { seeded, wholeBetween } from '../../support/seeded.js'
import { type Deferred, deferred } from '../../support/wait.js'

const SEEDS = 300
const STEPS = 60
const KEYS = ['a', 'b', 'c']

/** Those of whom one call of identify() waits for the hooks, until none is left. */
interface Call {
  readonly waits: Set<One>
  answered: boolean
}

interface One {
  readonly peer: MemoryPeer
  readonly connection: Connection
  readonly hook: Deferred<void>
  readonly calls: Call[]
  /** The one it has, or had when it ended. */
  key: string | null
  ended: boolean
  hookRuns: number
  finished: boolean
}

/** A server, and beside it what identify() promises, put plainly: who takes a key waits for all who
 * ended with it and have not finished. */
class World {
  readonly problems: string[] = []
  readonly all: One[] = []
  /** Who took each key last, unless it has finished or gone on to another. */
  readonly #holders = new Map<string, One>()
  readonly #opened: Connection[] = []
  readonly #fake = fakeServer({
    open: (connection) => this.#opened.push(connection),
    data: (connection) => {
      const one = this.all.find((each) => each.connection === connection) as One
      if (isWaiting(one)) this.problems.push(`${connection.id} is given a chunk while it waits`)
    },
  })

  async connect(): Promise<void> {
    const peer = this.#fake.native.connect()
    await this.#fake.native.settle()
    const connection = this.#opened.at(-1) as Connection
    const one: One = {
      ...{ peer, connection, hook: deferred(), calls: [], key: null },
      ...{ ended: false, hookRuns: 0, finished: false },
    }
    connection.onCleanup(() => {
      one.hookRuns++
      return one.hook.promise
    })
    this.all.push(one)
  }

  identify(one: One, key: string): void {
    const again = one.key === key
    const former = again ? undefined : this.#holders.get(key)
    const earlier = this.all.filter((each) => each.key === key && !each.finished && each !== one)
    const call: Call = { waits: new Set(earlier), answered: false }
    one.calls.push(call)
    if (former !== undefined) former.ended = true
    this.#leave(one)
    this.#holders.set(key, one)
    one.key = key
    this.#fake.server.identify(one.connection, key).then((completion) => {
      call.answered = true
      if (completion !== (former?.connection.completion ?? null)) {
        this.problems.push(`${one.connection.id} is told of another one's completion`)
      }
    })
  }

  /** Received before a pause took effect: held while the connection waits. */
  receive({ peer }: One): void {
    this.#fake.native.push([KIND_DATA, peer.slot, peer.generation, 0, 1], Buffer.from('x'))
  }

  end(one: One, byPeer: boolean): void {
    byPeer ? one.peer.fail('peer-reset', 104) : one.connection.destroy()
    one.ended = true
  }

  finish(one: One): void {
    one.hook.resolve()
    one.finished = true
    this.#leave(one)
    for (const { waits } of this.all.flatMap(({ calls }) => calls)) waits.delete(one)
  }

  async check(): Promise<void> {
    await this.#fake.native.settle()
    const { problems } = this
    for (const one of this.all) {
      const { id } = one.connection
      if (!one.ended && one.peer.paused !== isWaiting(one)) {
        problems.push(`${id} is ${one.peer.paused ? 'not read' : 'read'}`)
      }
      if (one.calls.some(({ answered, waits }) => answered !== (waits.size === 0))) {
        problems.push(`a call for ${id} is answered early or not at all`)
      }
      if (one.hookRuns !== Number(one.ended)) problems.push(`hook of ${id}: ${one.hookRuns} runs`)
    }
    for (const key of KEYS) {
      const holder = this.#holders.get(key)
      const open = holder?.ended === false ? holder.connection : undefined
      if (this.#fake.server.identified(key) !== open) problems.push(`identified('${key}')`)
    }
  }

  #leave(one: One): void {
    if (one.key !== null && this.#holders.get(one.key) === one) this.#holders.delete(one.key)
  }
}

function isWaiting({ calls }: One): boolean {
  return calls.some(({ waits }) => waits.size > 0)
}

test('random histories: all who had a key are cleaned up before its next one is read', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seeded(seed)
    const oneOf = <Item>(items: Item[]) => items[wholeBetween(random, 0, items.length - 1)]
    const world = new World()
    for (let step = 0; step < STEPS && world.problems.length === 0; step++) {
      const open = oneOf(world.all.filter(({ ended }) => !ended))
      const cleaning = oneOf(world.all.filter((one) => one.hookRuns > 0 && !one.finished))
      const act = random()
      if (open === undefined || act < 0.15) await world.connect()
      else if (act < 0.5) world.identify(open, oneOf(KEYS) as string)
      else if (act < 0.7) world.receive(open)
      else if (act < 0.8) world.end(open, random() < 0.5)
      else if (cleaning !== undefined) world.finish(cleaning)
      // Otherwise the next act comes in the same turn; but what a hook's end does takes microtasks.
      if (act >= 0.8 || random() < 0.5) await world.check()
    }
    for (const one of world.all.filter(({ ended }) => !ended)) world.end(one, true)
    await world.check()
    for (const one of world.all) world.finish(one)
    await world.check()
    expect(world.problems, `seed ${seed}`).toEqual([])
  }
})
