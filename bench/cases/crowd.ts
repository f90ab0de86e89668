import { type Child, figure, type Message } from '../harness/child.js'
import type { Context } from '../harness/context.js'
import { startLoad } from '../harness/load.js'
import type { Server } from '../harness/server.js'

const timeoutMs = 90_000
/** Loopback drops a SYN now and then on a machine that does much else; a queue that is full, many. */
const retriedShareMax = 0.01

/** Clients that arrive at a server together and go together; it must have counted every one. */
export class Crowd {
  readonly #server: Server
  readonly #clients: Child
  #total = 0
  #open = 0

  private constructor(server: Server, clients: Child) {
    this.#server = server
    this.#clients = clients
  }

  static async with<Result>(
    server: Server,
    { cores }: Context,
    use: (crowd: Crowd) => Promise<Result>,
  ): Promise<Result> {
    const clients = startLoad(cores, 'storm', {
      port: server.port,
      'source-net': 1,
      'clock-pid': server.pid,
    })
    try {
      return await use(new Crowd(server, clients))
    } finally {
      await clients.end()
    }
  }

  /** All at once, or in waves that wait in the server's queue; see load/arrival.h. */
  async arrive(manner: 'arrive' | 'queue', size: number): Promise<Message> {
    this.#clients.say(`${manner} ${size}`)
    const arrived = await this.#clients.next('arrived', timeoutMs)
    this.#total += size
    this.#open = size
    // At once: a server that stands still has called open for each of them.
    await this.#server.reaches(this.#total, this.#total - size, 0)
    const retried = figure(arrived, 'retried')
    if (manner === 'queue' && retried > size * retriedShareMax) {
      throw new Error(`${retried} SYN of ${size} were dropped: is the server's queue too short?`)
    }
    return arrived
  }

  async leave(): Promise<Message> {
    this.#clients.say('close')
    const ended = await this.#clients.next('ended', timeoutMs)
    if (figure(ended, 'operations') !== this.#open) throw new Error('not all have left')
    this.#open = 0
    await this.#server.reaches(this.#total, this.#total, 0)
    return ended
  }
}
