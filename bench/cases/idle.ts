import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { Context, SerialBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { readKernelMemory } from '../harness/kernel-memory.js'
import { startLoad, verifiedChecksum } from '../harness/load.js'
import { kilobytesIn } from '../harness/proc.js'
import type { Sample } from '../harness/samples.js'
import { Server } from '../harness/server.js'

/** Under the 20,000 descriptors of a process; two client processes hold half of them each. */
const heldConnections = 19_000
const quickConnections = 1000
const clients = 2
// Opened and closed before the first reading: code pages, buffers and the young generation are
// then where they stay, while what this hides, a hundred reused slots, is half a percent.
const warmupConnections = 100
const warmupTimes = 10

const dialTimeoutMs = 60_000

const sizeOf = (quick: boolean) => (quick ? quickConnections : heldConnections)
const nameOf = (connections: number) => `${connections} held`

/** Resident memory per idle connection, and after one exchange on each. */
export const idle: SerialBench = {
  name: 'idle',
  title: 'Memory per idle connection',
  quickTogether: true,
  contestants: [
    contestants.rawEpoll,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastUv,
  ],
  columns: [
    { figure: 'residentBytes', title: 'RSS bytes/connection', digits: 0 },
    { figure: 'proportionalBytes', title: 'PSS', digits: 0 },
    { figure: 'heapBytes', title: 'JS heap', digits: 0 },
    { figure: 'externalBytes', title: 'external', digits: 0 },
    { figure: 'exchangedResidentBytes', title: 'RSS after an exchange', digits: 0 },
    { figure: 'kernelBytes', title: 'kernel bytes/pair', digits: 0 },
    { figure: 'socketSlabBytes', title: 'sockets alone', digits: 0 },
  ],
  requirements: (quick) => [
    { scenario: nameOf(sizeOf(quick)), needs: needsOfCrowd(sizeOf(quick)) },
  ],
  async measure(contestant, round, context) {
    const connections = sizeOf(context.quick)
    if (!context.runs('idle', nameOf(connections))) return
    const options = { cores: context.cores, nodeFlags: ['--expose-gc'] }
    await Server.with(contestant, options, async (server) => {
      let before = 0
      for (let i = 0; i < (context.quick ? 1 : warmupTimes); i++) {
        await hold(context, server, warmupConnections, before, exchange)
        before += warmupConnections
      }
      const empty = await readMemory(server)
      await hold(context, server, connections, before, async (holders) => {
        const held = await readMemory(server)
        const checksum = await exchange(holders)
        const used = await readMemory(server)
        const perConnection = (name: string, end = held): number =>
          ((end[name] as number) - (empty[name] as number)) / connections
        context.samples.add({
          bench: 'idle',
          scenario: nameOf(connections),
          contestant: contestant.name,
          round,
          parameters: { connections },
          ...possibleMemory({
            ...Object.fromEntries(Object.keys(held).map((name) => [name, perConnection(name)])),
            exchangedResidentBytes: perConnection('residentBytes', used),
            emptyResidentBytes: empty.residentBytes as number,
          }),
          checksum,
        })
      })
    })
  },
}

/**
 * A process that had free pages before grows by less than what it has more: its resident memory is
 * left out then, for it says nothing of a connection.
 */
export function possibleMemory(figures: Record<string, number>): Pick<Sample, 'figures' | 'note'> {
  const { residentBytes = 0, heapBytes = 0 } = figures
  if (residentBytes > 0 && residentBytes >= heapBytes) return { figures }
  const { residentBytes: _, proportionalBytes: __, ...rest } = figures
  const grown = `${Math.round(residentBytes)} resident bytes a connection`
  const note = `${grown} are less than its ${Math.round(heapBytes)} of JavaScript heap: measure again`
  return { figures: rest, note }
}

/** Opens connections from several processes, lends them, closes them; every count is asserted. */
async function hold(
  { cores }: Context,
  server: Server,
  connections: number,
  before: number,
  use: (holders: readonly Child[]) => Promise<unknown>,
): Promise<void> {
  const holders = Array.from({ length: clients }, (_, index) =>
    startLoad(cores, 'hold', {
      port: server.port,
      connections: connections / clients,
      'source-net': 1 + index,
    }),
  )
  try {
    for (const holder of holders) await holder.next('held', dialTimeoutMs)
    await server.reaches(before + connections, before)
    await use(holders)
    for (const holder of holders) {
      holder.say('close')
      await holder.next('closed', dialTimeoutMs)
    }
    await server.reaches(before + connections, before + connections)
  } finally {
    for (const holder of holders) await holder.end()
  }
}

/** 64 bytes to and fro on every held connection; the checksums of all holders. */
async function exchange(holders: readonly Child[]): Promise<string> {
  const checksums: string[] = []
  for (const holder of holders) {
    holder.say('exchange')
    checksums.push(verifiedChecksum(await holder.next('exchanged', dialTimeoutMs)))
  }
  return checksums.join(' ')
}

/** By the names of the figures; a program in C has nothing for Node to tell. */
async function readMemory(server: Server): Promise<Record<string, number>> {
  const counters = await server.collect()
  // The kernel gives pages back, and takes a process's reading, a little later.
  await sleep(200)
  // Not VmRSS: that counter is batched per core and off by some hundred kilobytes.
  const rollup = readFileSync(`/proc/${server.pid}/smaps_rollup`, 'utf8')
  const kernel = readKernelMemory()
  return {
    residentBytes: kilobytesIn(rollup, 'Rss') * 1024,
    proportionalBytes: kilobytesIn(rollup, 'Pss') * 1024,
    anonymousBytes: kilobytesIn(rollup, 'Anonymous') * 1024,
    ...('heapUsedBytes' in counters && {
      heapBytes: figure(counters, 'heapUsedBytes'),
      externalBytes: figure(counters, 'externalBytes'),
      arrayBufferBytes: figure(counters, 'arrayBufferBytes'),
    }),
    kernelBytes: kernel.kernelBytes,
    ...(kernel.socketSlabBytes !== undefined && { socketSlabBytes: kernel.socketSlabBytes }),
  }
}
