import { readFileSync } from 'node:fs'
import { type Child, figure } from './child.js'

const answerTimeoutMs = 10_000

/** Everything that counts time, read at one moment by the load generator in mode `silent`. */
export interface Clocks {
  readonly wallNs: number
  readonly serverCpuNs: number
  readonly loadCpuNs: number
  readonly machineBusyNs: number
  readonly machineStolenNs: number
  /** Sent since the machine started, of all sockets of this network namespace. */
  readonly windowProbes: number
  readonly droppedSegments: number
}

export async function readClocks(load: Child): Promise<Clocks> {
  load.say('clock')
  const clock = await load.next('clock', answerTimeoutMs)
  return {
    wallNs: figure(clock, 'wallNs'),
    serverCpuNs: figure(clock, 'serverCpuNs'),
    loadCpuNs: figure(clock, 'loadCpuNs'),
    machineBusyNs: figure(clock, 'machineBusyNs'),
    machineStolenNs: figure(clock, 'machineStolenNs'),
    windowProbes: countWindowProbes(),
    droppedSegments: countDroppedSegments(),
  }
}

/**
 * What others used meanwhile, in cores; never below zero, since the machine's time is counted in
 * ticks. The kernel's work for timers and for loopback is in it when neither process was running.
 */
export function foreignCores(begin: Clocks, end: Clocks): number {
  const spent = (name: keyof Clocks) => end[name] - begin[name]
  const foreignNs = spent('machineBusyNs') - spent('serverCpuNs') - spent('loadCpuNs')
  return (Math.max(0, foreignNs) + spent('machineStolenNs')) / spent('wallNs')
}

function countWindowProbes(): number {
  return statisticOf('TCPWinProbe', readFileSync('/proc/net/netstat', 'utf8'))
}

/** By keepalive, since this network namespace is there; of the text of its proc/net/netstat. */
export function probesIn(netstat: string): number {
  return statisticOf('TCPKeepAlive', netstat)
}

/** One of those nstat names TcpExt. */
function statisticOf(name: string, netstat: string): number {
  const [names, values] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  const value = values?.[names?.indexOf(name) ?? -1]
  if (value === undefined) throw new Error(`no ${name} in /proc/net/netstat`)
  return Number(value)
}

/** By the queue of loopback, which takes net.core.netdev_max_backlog segments a core. */
export function countDroppedSegments(): number {
  return droppedSegmentsIn(readFileSync('/proc/net/dev', 'utf8'))
}

/** The same of the text of a network namespace's proc/net/dev. */
export function droppedSegmentsIn(dev: string): number {
  const line = /^\s*lo:(.*)$/m.exec(dev)?.[1]
  // Received bytes, packets, errors, drops.
  const value = line?.trim().split(/\s+/)[3]
  if (value === undefined) throw new Error('no loopback in /proc/net/dev')
  return Number(value)
}
