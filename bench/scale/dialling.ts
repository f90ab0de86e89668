import { readMemory } from './counters.js'
import { type Fleet, sum } from './fleet.js'
import { type FleetSize, spareBytes } from './size.js'

/** Of each client, between two looks at memory: below the backlog of a server, and 50 ms of work. */
const batch = 500
const acceptTimeoutMs = 30_000

export interface Dialled {
  readonly connections: number
  readonly seconds: number
  /** What stopped it before its goal, with what there was of memory then. */
  readonly stoppedBy: string | undefined
}

/**
 * Dials until all are open, or something is short: then it says what, and those that are open stay.
 * Memory is never used up, for the kernel ends whom it likes then.
 */
export async function dial(fleet: Fleet, { connections, clients }: FleetSize): Promise<Dialled> {
  const begin = performance.now()
  const share = Math.ceil(connections / clients)
  let open = 0
  let stoppedBy: string | undefined
  // Each is dialled once: who is lost meanwhile is missed, and not dialled again.
  for (let round = 0; round * batch < share && stoppedBy === undefined; round++) {
    const commands: string[] = []
    for (let client = 0; client < clients; client++) {
      const mine = Math.min(share, connections - client * share)
      commands.push(`dial ${Math.max(0, Math.min(batch, mine - round * batch))}`)
    }
    stoppedBy = shortOfMemory() ?? (await dialBatch(fleet, commands))
    open = await accepted(fleet)
    stoppedBy ??= await fullServer(fleet)
  }
  const seconds = (performance.now() - begin) / 1000
  if (open < connections) stoppedBy ??= `${connections - open} lost while dialling`
  return { connections: open, seconds, stoppedBy }
}

function shortOfMemory(): string | undefined {
  const { availableBytes } = readMemory([])
  if (availableBytes >= spareBytes) return undefined
  return `memory: ${mebibytes(availableBytes)} MiB are left`
}

async function dialBatch(fleet: Fleet, commands: readonly string[]): Promise<string | undefined> {
  const answers = await fleet.askClients(commands, 'dialled')
  const failed = answers.findIndex(({ failure }) => failure !== '')
  if (failed < 0) return undefined
  const left = mebibytes(readMemory([]).availableBytes)
  return `client ${failed}: ${answers[failed]?.failure}, while ${left} MiB of memory were left`
}

async function fullServer(fleet: Fleet): Promise<string | undefined> {
  const answers = await fleet.askServers('stats', 'stats')
  const full = answers.findIndex(({ refused }) => refused !== 0)
  if (full < 0) return undefined
  return `server ${full}: it has ${answers[full]?.accepted}, and refused ${answers[full]?.refused}`
}

/** Waits until the servers have accepted what the clients have open. */
async function accepted(fleet: Fleet): Promise<number> {
  const deadline = Date.now() + acceptTimeoutMs
  for (;;) {
    const statuses = await fleet.askClients(
      fleet.clients.map(() => 'status'),
      'status',
    )
    const open = sum(statuses, 'open')
    const counts = await fleet.counts()
    if (counts.accepted - counts.closed === open) return open
    if (Date.now() > deadline) {
      throw new Error(`${open} are open, and the servers have ${JSON.stringify(counts)}`)
    }
  }
}

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20)
