import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, figure, type Message } from '../harness/child.js'
import type { Contestant } from '../harness/contestants.js'
import * as contestants from '../harness/contestants.js'
import type { Context, SerialBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { latenciesOf } from '../harness/latencies.js'
import { type LoadOptions, startLoad, verifiedChecksum, windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'

/** What comes beside the healthy clients. */
interface Attack {
  readonly name: string
  readonly mode: 'drip' | 'resets' | 'deaf' | 'flood' | 'hold'
  readonly options: LoadOptions
  /** Until it is what it will be: the first of the drips are ended after the handshake's time. */
  readonly settleMs: number
}

const attacks: readonly Attack[] = [
  {
    name: '1000 that send a byte a second',
    mode: 'drip',
    options: { connections: 1000, 'interval-ms': 1000 },
    settleMs: 6000,
  },
  {
    name: '4000 connects and resets a second',
    mode: 'resets',
    options: { 'dials-per-second': 4000 },
    settleMs: 500,
  },
  {
    name: 'connects and resets, unpaced',
    mode: 'resets',
    options: { 'dials-per-second': 1_000_000 },
    settleMs: 500,
  },
  {
    name: '20 that never read',
    mode: 'deaf',
    // The kernel keeps some ten megabytes for each that is not bounded.
    options: { connections: 20, 'receive-buffer-bytes': 65_536 },
    settleMs: 1500,
  },
  { name: '4 that flood', mode: 'flood', options: { connections: 4 }, settleMs: 500 },
  { name: '5000 that are idle', mode: 'hold', options: { connections: 5000 }, settleMs: 500 },
]

/** One request each in the interval: 20,000 a second, far from what the server can do. */
const healthy = { connections: 2000, 'interval-ms': 100 }
const quickHealthy = { connections: 100, 'interval-ms': 100 }
const timeoutMs = 60_000

const healthyOf = (quick: boolean) => (quick ? quickHealthy : healthy)
const scaleOf = (quick: boolean) => (quick ? 10 : 1)
/** One where the attack has a rate instead. */
const attackersOf = ({ options }: Attack, quick: boolean) =>
  Math.ceil((options.connections ?? 1) / scaleOf(quick))

/** The rate that clients with a pace of their own keep beside others that mean harm. */
export const hostile: SerialBench = {
  name: 'hostile',
  title: 'Healthy clients beside hostile ones',
  contestants: [
    contestants.rawEpoll,
    contestants.nodeNet,
    contestants.hostileEpoll,
    contestants.hostileUv,
    contestants.hostileReadLimit,
  ],
  columns: [
    { figure: 'alonePerSecond', title: 'alone, echoes/s', digits: 0 },
    { figure: 'besidePerSecond', title: 'beside them', digits: 0 },
    { figure: 'keptRate', title: 'rate kept', digits: 3 },
    { figure: 'servedPercent', title: 'clients served %', digits: 1 },
    { figure: 'aloneP99Us', title: 'p99 alone µs', digits: 0 },
    { figure: 'besideP99Us', title: 'p99 beside µs', digits: 0 },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'dialled', title: 'hostile dialled', digits: 0 },
    { figure: 'endedByServer', title: 'ended by server', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  requirements: (quick) =>
    attacks.map((attack) => ({
      scenario: attack.name,
      needs: needsOfCrowd(healthyOf(quick).connections + attackersOf(attack, quick)),
    })),
  async measure(contestant, round, context) {
    // That the baselines speak is enough of a smoke run.
    const some = context.quick && !contestant.name.startsWith('holdfast')
    const chosen = (some ? attacks.slice(0, 1) : attacks).filter(({ name }) =>
      context.runs('hostile', name),
    )
    if (chosen.length === 0) return
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const clients = startLoad(context.cores, 'paced', {
        port: server.port,
        'clock-pid': server.pid,
        'warmup-ms': context.quick ? 50 : 500,
        'measure-ms': context.quick ? 300 : 2000,
        ...healthyOf(context.quick),
      })
      try {
        await clients.next('held', timeoutMs)
        const town = new Town(contestant, server, clients)
        for (const attack of chosen) await town.suffer(attack, round, context)
        clients.say('stop')
        verifiedChecksum(await clients.next('stopped', timeoutMs))
        await expectConservation(contestant, server)
      } finally {
        await clients.end()
      }
    })
  },
}

/** A server, its healthy clients, and one attack after the other. */
class Town {
  readonly #contestant: Contestant
  readonly #server: Server
  readonly #clients: Child

  constructor(contestant: Contestant, server: Server, clients: Child) {
    this.#contestant = contestant
    this.#server = server
    this.#clients = clients
  }

  async suffer(attack: Attack, round: number, context: Context): Promise<void> {
    const alone = await this.#window()
    const { beside, hostiles } = await this.#under(attack, context)
    const { connections } = healthyOf(context.quick)
    const undisturbed = windowFigures(alone)
    const disturbed = windowFigures(beside)
    const perSecond = (figures: Record<string, number>) => figures.perSecond ?? 0
    context.samples.add({
      bench: 'hostile',
      scenario: attack.name,
      contestant: this.#contestant.name,
      round,
      figures: {
        alonePerSecond: perSecond(undisturbed),
        besidePerSecond: perSecond(disturbed),
        keptRate: perSecond(disturbed) / perSecond(undisturbed),
        servedPercent: (100 * figure(beside, 'served')) / connections,
        aloneP99Us: latenciesOf(alone).percentileUs(99),
        besideP99Us: latenciesOf(beside).percentileUs(99),
        serverBusy: disturbed.serverBusy ?? 0,
        ...pick(hostiles, ['dialled', 'endedByServer']),
        // Not of the other window: what the hostile clients use is not foreign there.
        disturbance: undisturbed.disturbance ?? 0,
      },
    })
    await this.#quiet(connections)
  }

  async #window(): Promise<Message> {
    this.#clients.say('measure')
    return await this.#clients.next('window', timeoutMs)
  }

  async #under(attack: Attack, context: Context) {
    const { mode, options, settleMs } = attack
    const scaled = attackersOf(attack, context.quick)
    const attackers = startLoad(
      context.cores,
      mode,
      { port: this.#server.port, 'source-net': 3, ...options, connections: scaled },
      // Once they are idle, these take nothing from anybody; until then they have a handshake to make.
      { background: mode !== 'hold' },
    )
    try {
      await attackers.next('held', timeoutMs)
      if (mode === 'hold') await greet(attackers)
      await sleep(settleMs / scaleOf(context.quick))
      const beside = await this.#window()
      attackers.say('close')
      return { beside, hostiles: await attackers.next('closed', timeoutMs) }
    } finally {
      await attackers.end()
    }
  }

  /** Until the server is done with the hostile ones, and has the healthy ones alone. */
  async #quiet(connections: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const counters = await this.#server.counters()
      const open = figure(counters, 'accepted') - figure(counters, 'closed')
      if (open === connections) return
      if (Date.now() > deadline) throw new Error(`${open} are open, expected ${connections}`)
      await sleep(50)
    }
  }
}

/** They are idle after their handshake. */
async function greet(clients: Child): Promise<void> {
  clients.say('exchange')
  verifiedChecksum(await clients.next('exchanged', timeoutMs))
}

/** Who arrived was accepted or refused, and who was accepted has ended: nobody is forgotten. */
async function expectConservation({ name }: Contestant, server: Server): Promise<void> {
  if (!name.startsWith('holdfast')) return
  const { accepted } = await server.counters()
  await server.reaches(Number(accepted), Number(accepted))
  const counters = await server.ask('counters', 'counters')
  const sum = (of: unknown) =>
    Object.values(of as Record<string, number>).reduce((total, count) => total + count, 0)
  const arrived = figure(counters, 'accepted') + sum(counters.refused)
  if (figure(counters, 'arrived') !== arrived || sum(counters.closed) !== accepted) {
    throw new Error(`nobody may be forgotten: ${JSON.stringify(counters)}`)
  }
}

function pick(message: Message, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    names.filter((name) => name in message).map((name) => [name, figure(message, name)]),
  )
}
