import { readFileSync } from 'node:fs'
import { kilobytesIn } from './proc.js'

// tw_sock_TCP: connections of whoever ran before, which go in their own time.
const TIME_WAIT_BYTES = 256

/** What a connection takes of the caches of the kernel, where they are not merged with others. */
const socketCaches = new Set([
  ...['TCP', 'TCPv6', 'sock_inode_cache', 'dentry', 'filp', 'lsm_inode_cache', 'lsm_file_cache'],
  ...['tcp_bind_bucket', 'tcp_bind2_bucket', 'eventpoll_epi', 'eventpoll_pwq', 'ep_head'],
])

/** Of the whole machine. A difference of two readings is that of everybody who ran between them. */
export interface KernelMemory {
  /** SReclaimable, SUnreclaim and KernelStack of /proc/meminfo, TIME_WAIT aside. */
  readonly kernelBytes: number
  /** Objects in use of the caches for sockets; undefined unless root may read /proc/slabinfo. */
  readonly socketSlabBytes: number | undefined
}

export function readKernelMemory(): KernelMemory {
  const meminfo = readFileSync('/proc/meminfo', 'utf8')
  const sum = ['SReclaimable', 'SUnreclaim', 'KernelStack']
    .map((name) => kilobytesIn(meminfo, name) * 1024)
    .reduce((a, b) => a + b)
  const waiting = numberIn(readFileSync('/proc/net/sockstat', 'utf8'), /^TCP:.* tw (\d+)/m)
  return {
    kernelBytes: sum - waiting * TIME_WAIT_BYTES,
    socketSlabBytes:
      process.geteuid?.() === 0 ? socketSlabOf(readFileSync('/proc/slabinfo', 'utf8')) : undefined,
  }
}

/** Of slabinfo(5): name, objects in use, objects, size of one. @throws when none is of sockets */
export function socketSlabOf(slabinfo: string): number {
  let bytes = 0
  for (const line of slabinfo.split('\n')) {
    const [name = '', inUse, , size] = line.split(/\s+/)
    if (socketCaches.has(name)) bytes += Number(inUse) * Number(size)
  }
  if (!(bytes > 0)) throw new Error('no caches of sockets in /proc/slabinfo')
  return bytes
}

function numberIn(text: string, pattern: RegExp): number {
  const value = pattern.exec(text)?.[1]
  if (value === undefined) throw new Error(`no ${pattern.source} in what /proc says`)
  return Number(value)
}
