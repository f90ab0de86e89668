import { readdirSync, readFileSync } from 'node:fs'
import { droppedSegmentsIn, probesIn } from '../harness/clocks.js'
import { kilobytesIn } from '../harness/proc.js'
import type { Network } from './network.js'

/** What the kernel counts for all of a network. */
export interface KernelCounts {
  readonly keepaliveProbes: number
  readonly loopbackPackets: number
  readonly loopbackBytes: number
  readonly droppedSegments: number
}

export function readKernelCounts(network: Network): KernelCounts {
  const dev = network.read('dev')
  const line = /^\s*lo:(.*)$/m.exec(dev)?.[1]
  const [bytes, packets] = line?.trim().split(/\s+/).map(Number) ?? []
  if (bytes === undefined || packets === undefined) throw new Error('no loopback in /proc/net/dev')
  return {
    keepaliveProbes: probesIn(network.read('netstat')),
    loopbackPackets: packets,
    loopbackBytes: bytes,
    droppedSegments: droppedSegmentsIn(dev),
  }
}

/** How often the threads of these processes have gone to sleep, and were woken therefore. */
export function countWakeUps(pids: readonly number[]): number {
  let wakeUps = 0
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
      wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? 0)
    }
  }
  return wakeUps
}

export interface Memory {
  /** Of the server processes; what they share counts once among all (PSS). */
  readonly serverBytes: number
  /** The kernel's small objects: sockets, files, directory entries, of both ends. */
  readonly slabBytes: number
  readonly availableBytes: number
}

export function readMemory(serverPids: readonly number[]): Memory {
  let serverBytes = 0
  for (const pid of serverPids) {
    serverBytes += kilobytesIn(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')
  }
  const machine = readFileSync('/proc/meminfo', 'utf8')
  return {
    serverBytes: serverBytes * 1024,
    slabBytes: kilobytesIn(machine, 'Slab') * 1024,
    availableBytes: kilobytesIn(machine, 'MemAvailable') * 1024,
  }
}
