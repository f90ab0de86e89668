import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Needs } from '../harness/requirements.js'

/** Under the 20,000 descriptors of a process, with room for its own. */
export const connectionsPerProcess = 18_000
/** connect() takes every second port of the range first, and searches long when few are left. */
export const connectionsPerSource = 6_000
/** Of the ports between a source address and the server, twice as many. */
const portsPerSource = 2 * connectionsPerSource

/** Six standard deviations above the mean: of a hundred processes, none in a million runs. */
const deviations = 6

export interface FleetSize {
  readonly connections: number
  readonly servers: number
  readonly clients: number
}

/** The kernel deals connections to the servers of a port by a hash: a binomial distribution. */
export function fleetSize(connections: number, perProcess = connectionsPerProcess): FleetSize {
  let servers = 1
  while (fullest(connections, servers) > perProcess) servers++
  return { connections, servers, clients: Math.ceil(connections / perProcess) }
}

function fullest(connections: number, servers: number): number {
  const share = 1 / servers
  return connections * share + deviations * Math.sqrt(connections * share * (1 - share))
}

const emptyServerBytes = 48e6
const emptyClientBytes = 3e6
/** The kernel's for both ends, some 10,000, and those of the two processes. */
const pairBytes = 10_400
/** What is never taken from the machine. */
export const spareBytes = 1.5 * 2 ** 30

export function fleetNeeds(connections: number): Needs {
  const { servers, clients } = fleetSize(connections)
  const held = Math.min(connections, connectionsPerProcess)
  return {
    descriptorsPerProcess: held + 200,
    openFiles: 2 * connections + 200 * (servers + clients),
    memoryBytes:
      connections * pairBytes +
      servers * emptyServerBytes +
      clients * emptyClientBytes +
      spareBytes,
    portsPerAddress: portsPerSource,
  }
}

/**
 * The kernel's timer wheel (kernel/time/timer.c): 64 buckets a level, eight times as wide from level
 * to level. A timer is put off to the end of its bucket, and those of one bucket ring together.
 */
function bucketTicks(ticks: number): number {
  let width = 1
  for (let reach = 63; ticks >= reach; reach *= 8) width *= 8
  return width
}

const roundUp = (ticks: number, width: number) => Math.ceil(ticks / width) * width

/**
 * How often a live connection is really asked: after a probe its timer is set by the interval, then
 * by what is left of the idle time.
 */
export function probePeriodMs(idleMs: number, intervalMs: number, hz = timerHz()): number {
  const ticks = (ms: number) => (ms * hz) / 1000
  const first = roundUp(ticks(intervalMs), bucketTicks(ticks(intervalMs)))
  const rest = ticks(idleMs) - first
  const all = rest <= 0 ? first : roundUp(first + rest, bucketTicks(rest))
  return (all * 1000) / hz
}

/** How many probes are sent in one instant, of timers that were set evenly. */
export function probesAtOnce(connections: number, idleMs: number, hz = timerHz()): number {
  const ticks = (idleMs * hz) / 1000
  return Math.ceil((connections * bucketTicks(ticks)) / ticks)
}

export interface Policy {
  readonly idleMs: number
  readonly intervalMs: number
  readonly count: number
}

/** Probes that come by themselves beside ours, and buckets that are not all alike. */
const queueMargin = 1.25

/**
 * The queue of loopback that a policy needs for so many connections. What is dropped is asked again
 * after the interval: in vain where that falls on the next ones' instant, otherwise in a queue of
 * its own. Half of the tries may be needed for that.
 */
export function packetsAtOnce(
  connections: number,
  { idleMs, intervalMs, count }: Policy,
  hz = timerHz(),
): number {
  const ticks = (ms: number) => (ms * hz) / 1000
  const again = roundUp(ticks(intervalMs), bucketTicks(ticks(intervalMs)))
  const collides = again % bucketTicks(ticks(idleMs)) === 0
  const tries = collides ? 1 : Math.max(1, Math.floor(count / 2))
  return Math.ceil((queueMargin * probesAtOnce(connections, idleMs, hz)) / tries)
}

/** CONFIG_HZ; 250 where the kernel does not tell, as most distributions have it. */
export function timerHz(): number {
  try {
    const config = gunzipSync(readFileSync('/proc/config.gz')).toString()
    return Number(/^CONFIG_HZ=(\d+)$/m.exec(config)?.[1] ?? 250)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return 250
  }
}
