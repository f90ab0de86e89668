import { Child, figure, type Message } from '../harness/child.js'
import { kernelProbes } from '../harness/contestants-scale.js'
import { type Cores, pinned } from '../harness/cores.js'
import { startLoad } from '../harness/load.js'
import { type Network, withNetwork } from './network.js'
import { connectionsPerProcess, connectionsPerSource, type FleetSize } from './size.js'

const startTimeoutMs = 60_000
/** A whole fleet at work on two cores: an answer waits for its turn. */
const answerTimeoutMs = 60_000
/** Processes that start at the same time; each takes a third of a second of a core. */
const startedTogether = 8

export interface FleetOptions {
  readonly cores: Cores
  readonly size: FleetSize
  /** What listen() is given besides. */
  readonly listen: object
  /** Connections are not read until `resume`, so heartbeats wait. */
  readonly paused?: boolean
}

/** What all server processes have counted together. */
export interface FleetCounts {
  readonly accepted: number
  readonly closed: number
  readonly hooks: number
  readonly beats: number
}

/** Server processes on one port, and client processes that hold connections to it. */
export class Fleet {
  readonly servers: readonly Child[]
  readonly clients: readonly Child[]
  readonly cores: Cores
  readonly network: Network

  private constructor(
    servers: readonly Child[],
    clients: readonly Child[],
    cores: Cores,
    network: Network,
  ) {
    this.servers = servers
    this.clients = clients
    this.cores = cores
    this.network = network
  }

  /** Starts it, lends it, and ends it whatever happens. */
  static with<Result>(
    options: FleetOptions,
    use: (fleet: Fleet) => Promise<Result>,
  ): Promise<Result> {
    return withNetwork((network) => Fleet.#within(network, options, use))
  }

  static async #within<Result>(
    network: Network,
    options: FleetOptions,
    use: (fleet: Fleet) => Promise<Result>,
  ): Promise<Result> {
    const { cores, size } = options
    const servers: Child[] = []
    const clients: Child[] = []
    try {
      const port = await startServers(options, network, servers)
      for (let index = 0; index < size.clients; index++) {
        clients.push(startClient(cores, network, port, index))
      }
      return await use(new Fleet(servers, clients, cores, network))
    } finally {
      // Clients first: a server that ends has all its connections reset.
      await Promise.all(clients.map((client) => client.end()))
      await Promise.all(servers.map((server) => server.end()))
    }
  }

  get serverPids(): number[] {
    return this.servers.map(({ pid }) => pid)
  }

  get clientPids(): number[] {
    return this.clients.map(({ pid }) => pid)
  }

  /** One command to each client; the answers in their order. */
  askClients(commands: readonly string[], event: string): Promise<Message[]> {
    return askEach(this.clients, commands, event)
  }

  /** The same command to each server; takes `overMs` besides the usual time. */
  async askServers(command: string, event: string, overMs = 0): Promise<Message[]> {
    const commands = this.servers.map(() => command)
    return askEach(this.servers, commands, event, overMs + answerTimeoutMs)
  }

  async counts(): Promise<FleetCounts> {
    const all = await this.askServers('stats', 'stats')
    return {
      accepted: sum(all, 'accepted'),
      closed: sum(all, 'closed'),
      hooks: sum(all, 'hooks'),
      beats: sum(all, 'beats'),
    }
  }

  /** What the servers have open, the clients have. */
  async expectSameOpen(): Promise<void> {
    const { accepted, closed } = await this.counts()
    const connections = accepted - closed
    const clients = await this.askClients(
      this.clients.map(() => 'status'),
      'status',
    )
    const open = sum(clients, 'open')
    if (open !== connections) {
      const reset = sum(clients, 'resetByServer')
      const counted = `servers: ${accepted} accepted, ${closed} closed`
      const held = `clients: ${open} open, ${reset} reset`
      throw new Error(`not the same are open: ${counted}; ${held}`)
    }
  }

  /**
   * Every heartbeat has come to its client, and none twice; while no more are sent. Of a connection
   * that was ended, the last one may have been dropped with it.
   */
  async expectPingsHeard(): Promise<void> {
    const deadline = Date.now() + answerTimeoutMs
    for (;;) {
      const { beats, closed } = await this.counts()
      const commands = this.clients.map(() => 'status')
      const pings = sum(await this.askClients(commands, 'status'), 'pings')
      if (pings <= beats && pings >= beats - closed && beats > 0) return
      if (pings > beats || Date.now() > deadline) {
        throw new Error(`${beats} heartbeats were sent, and ${pings} heard`)
      }
    }
  }

  /** A request and its verified answer on a sample, of every client process. */
  async exchange(connectionsEach: number): Promise<void> {
    const commands = this.clients.map(() => `exchange ${connectionsEach}`)
    await this.askClients(commands, 'exchanged')
  }
}

async function startServers(
  options: FleetOptions,
  { inside }: Network,
  servers: Child[],
): Promise<number> {
  const start = async (port: number): Promise<number> => {
    const command = [...inside, ...serverCommand(options, port)]
    const server = new Child(`server ${servers.length}`, command)
    servers.push(server)
    return figure(await server.next('listening', startTimeoutMs), 'port')
  }
  const port = await start(0)
  while (servers.length < options.size.servers) {
    const missing = Math.min(startedTogether, options.size.servers - servers.length)
    await Promise.all(Array.from({ length: missing }, () => start(port)))
  }
  return port
}

function serverCommand({ cores, listen, paused }: FleetOptions, port: number): string[] {
  const options = {
    // One that is full says so at once, and by its name; the hash leaves room.
    limits: { connections: connectionsPerProcess, whenFull: 'reset' },
    ...listen,
  }
  const args = ['--port', String(port), '--options', JSON.stringify(options)]
  if (paused) args.push('--paused')
  return pinned(cores.server, kernelProbes.command([], args))
}

function startClient(cores: Cores, { inside }: Network, port: number, index: number): Child {
  const options = {
    port,
    'source-net': 1 + index,
    'connections-per-source': connectionsPerSource,
  }
  return startLoad(cores, 'fleet', options, { inside })
}

async function askEach(
  children: readonly Child[],
  commands: readonly string[],
  event: string,
  timeoutMs = answerTimeoutMs,
): Promise<Message[]> {
  return Promise.all(
    children.map((child, index) => {
      child.say(commands[index] ?? '')
      return child.next(event, timeoutMs)
    }),
  )
}

export function sum(messages: readonly Message[], name: string): number {
  return messages.reduce((total, message) => total + figure(message, name), 0)
}
