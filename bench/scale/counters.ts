import { readdirSync, readFileSync } from 'node:fs'
import { countDroppedSegments } from '../harness/clocks.js'

/** What the kernel counts for all of this network namespace. */
export interface KernelCounts {
  readonly keepaliveProbes: number
  readonly loopbackPackets: number
  readonly loopbackBytes: number
  readonly droppedSegments: number
}

export function readKernelCounts(): KernelCounts {
  const line = /^\s*lo:(.*)$/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1]
  const [bytes, packets] = line?.trim().split(/\s+/).map(Number) ?? []
  if (bytes === undefined || packets === undefined) throw new Error('no loopback in /proc/net/dev')
  return {
    keepaliveProbes: tcpExtended('TCPKeepAlive'),
    loopbackPackets: packets,
    loopbackBytes: bytes,
    droppedSegments: countDroppedSegments(),
  }
}

/** A counter of nstat(8), without its prefix TcpExt. */
function tcpExtended(name: string): number {
  const [names, values] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  const value = values?.[names?.indexOf(name) ?? -1]
  if (value === undefined) throw new Error(`no ${name} in /proc/net/netstat`)
  return Number(value)
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
    serverBytes += kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')
  }
  const machine = readFileSync('/proc/meminfo', 'utf8')
  return {
    serverBytes: serverBytes * 1024,
    slabBytes: kilobytes(machine, 'Slab') * 1024,
    availableBytes: kilobytes(machine, 'MemAvailable') * 1024,
  }
}

function kilobytes(text: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`no ${name}`)
  return Number(value)
}
