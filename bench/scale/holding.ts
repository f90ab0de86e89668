import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../harness/context.js'
import type { Needs } from '../harness/requirements.js'
import { type Endings, endAll } from './accounting.js'
import { readKernelCounts, readMemory } from './counters.js'
import { dial } from './dialling.js'
import { Fleet } from './fleet.js'
import type { Network } from './network.js'
import { fleetNeeds, fleetSize, type Policy, packetsAtOnce } from './size.js'

export interface Holding {
  readonly bench: string
  readonly connections: number
  /** Of a server, or a client; under the limit of descriptors by default. */
  readonly perProcess?: number
  readonly holdMs: number
  /** Of the server's policy. */
  readonly keepalive: Policy
  readonly endings: Endings
}

const exchangedEach = 100

export function needsOf({ connections, keepalive }: Holding): Needs {
  return {
    ...fleetNeeds(connections),
    packetsAtOnce: packetsAtOnce(connections, keepalive),
  }
}

/** Dials, holds with keepalive armed, ends, and accounts for every connection. */
export async function hold(holding: Holding, round: number, context: Context): Promise<void> {
  const { bench, connections, keepalive, holdMs, endings } = holding
  const size = fleetSize(connections, holding.perProcess)
  await Fleet.with({ cores: context.cores, size, listen: { keepalive } }, async (fleet) => {
    const empty = readMemory(fleet.serverPids)
    const dialled = await dial(fleet, size)
    const goal = dialled.connections
    // A result as well: how far it went, and what stopped it.
    const note = dialled.stoppedBy && `stopped at ${goal} connections by ${dialled.stoppedBy}`
    if (note !== undefined) process.stderr.write(`${bench}: ${note}\n`)
    const full = readMemory(fleet.serverPids)
    // They were dialled faster than they will be asked: set anew, evenly over a period.
    const spread = `keepalive ${keepalive.idleMs} ${JSON.stringify(keepalive)}`
    await fleet.askServers(spread, 'done', keepalive.idleMs)
    const { probes, dropped, heldMs } = await keep(fleet.network, holdMs)
    const { accepted, closed } = await fleet.counts()
    const held = accepted - closed
    await fleet.expectSameOpen()
    await fleet.exchange(exchangedEach)
    const ended = await endAll(fleet, endings)
    context.samples.add({
      bench,
      scenario: `${connections} held`,
      contestant: 'kernel-probes',
      round,
      parameters: { connections, idleMs: keepalive.idleMs },
      ...(note === undefined ? {} : { note }),
      figures: {
        heldConnections: held,
        lost: closed,
        heldSeconds: heldMs / 1000,
        dialSeconds: dialled.seconds,
        dialledPerSecond: goal / dialled.seconds,
        endSeconds: ended.seconds,
        endedPerSecond: held / ended.seconds,
        probes,
        dropped,
        residentBytes: (full.serverBytes - empty.serverBytes) / goal,
        kernelBytes: (full.slabBytes - empty.slabBytes) / goal,
        availableMiB: full.availableBytes / 2 ** 20,
        processes: size.servers + size.clients,
        ...Object.fromEntries(
          Object.entries(ended.reasons).map(([reason, count]) => [`ends ${reason}`, count]),
        ),
      },
    })
  })
}

async function keep(network: Network, holdMs: number) {
  const begin = readKernelCounts(network)
  const beginMs = performance.now()
  await sleep(holdMs)
  const end = readKernelCounts(network)
  return {
    heldMs: performance.now() - beginMs,
    probes: end.keepaliveProbes - begin.keepaliveProbes,
    dropped: end.droppedSegments - begin.droppedSegments,
  }
}
