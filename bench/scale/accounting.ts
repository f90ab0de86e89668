import { setTimeout as sleep } from 'node:timers/promises'
import { figure, type Message } from '../harness/child.js'
import { type Fleet, sum } from './fleet.js'

/** Shares of the connections that end by the client's FIN and RST; the rest by server.close(). */
export interface Endings {
  readonly fin: number
  readonly reset: number
}

/** How many have ended, by what the servers call it. */
export type Reasons = Readonly<Record<string, number>>

const endTimeoutMs = 120_000
const lookMs = 100

/** Ends all that are open, and expects every one in its place; who was lost before, in another. */
export async function endAll(
  fleet: Fleet,
  shares: Endings,
): Promise<{ reasons: Reasons; seconds: number }> {
  const begin = performance.now()
  const before = await fleet.counts()
  const lost = await reasonsOf(fleet)
  const statuses = await fleet.askClients(
    fleet.clients.map(() => 'status'),
    'status',
  )
  const byFin = await endShare(fleet, statuses, 'close', shares.fin)
  await ended(fleet, before.closed + byFin)
  const byReset = await endShare(fleet, statuses, 'reset', shares.reset)
  await ended(fleet, before.closed + byFin + byReset)
  await fleet.askServers(`close ${endTimeoutMs}`, 'done', endTimeoutMs)
  const seconds = (performance.now() - begin) / 1000
  const reasons = await expectAccounted(fleet, before.accepted)
  expectReasons(reasons, lost, {
    'peer-end': byFin,
    'peer-reset': byReset,
    shutdown: before.accepted - before.closed - byFin - byReset,
  })
  return { reasons, seconds }
}

async function endShare(
  fleet: Fleet,
  statuses: readonly Message[],
  command: 'close' | 'reset',
  share: number,
): Promise<number> {
  const commands = statuses.map((status) => {
    return `${command} ${Math.floor(figure(status, 'open') * share)}`
  })
  return sum(await fleet.askClients(commands, 'ended'), 'done')
}

async function ended(fleet: Fleet, expected: number): Promise<void> {
  const deadline = Date.now() + endTimeoutMs
  for (;;) {
    const { closed } = await fleet.counts()
    if (closed === expected) return
    if (closed > expected || Date.now() > deadline) {
      throw new Error(`${closed} connections have ended, expected ${expected}`)
    }
    await sleep(lookMs)
  }
}

/** Completions of all servers by reason, as the library counts them. */
async function reasonsOf(fleet: Fleet): Promise<Reasons> {
  const reasons: Record<string, number> = {}
  for (const { closed } of await fleet.askServers('counters', 'counters')) {
    for (const [reason, count] of Object.entries(closed as Reasons)) {
      if (count > 0) reasons[reason] = (reasons[reason] ?? 0) + count
    }
  }
  return reasons
}

/** Accepted, completed, and cleaned up: the same number, by the library and by the handlers. */
async function expectAccounted(fleet: Fleet, connections: number): Promise<Reasons> {
  const { accepted, closed, hooks } = await fleet.counts()
  const library = await fleet.askServers('counters', 'counters')
  const reasons = await reasonsOf(fleet)
  const told = {
    accepted,
    closed,
    hooks,
    'counters.accepted': sum(library, 'accepted'),
    'counters.closed': Object.values(reasons).reduce((total, count) => total + count, 0),
  }
  const wrong = Object.values(told).some((count) => count !== connections)
  if (wrong || sum(library, 'open') !== 0) {
    throw new Error(`of ${connections} connections: ${JSON.stringify({ ...told, reasons })}`)
  }
  return reasons
}

function expectReasons(reasons: Reasons, lost: Reasons, ended: Reasons): void {
  const expected: Record<string, number> = { ...lost }
  for (const [reason, count] of Object.entries(ended)) {
    if (count > 0) expected[reason] = (expected[reason] ?? 0) + count
  }
  const names = new Set([...Object.keys(reasons), ...Object.keys(expected)])
  if ([...names].some((name) => reasons[name] !== expected[name])) {
    throw new Error(`ends: ${JSON.stringify(reasons)}, expected ${JSON.stringify(expected)}`)
  }
}
