import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { Cores } from './cores.js'
import { rootDirectory } from './paths.js'

/** What a reader needs to judge the figures, and to measure them again. */
export interface Environment {
  readonly date: string
  readonly host: string
  readonly commit: string
  readonly uncommittedChanges: boolean
  readonly cpu: string
  readonly cores: number
  readonly pinned: Cores
  readonly memoryBytes: number
  readonly kernel: string
  readonly node: string
  readonly governor: string
  readonly clocksource: string
  readonly congestionControl: string
  readonly sysctl: Readonly<Record<string, string>>
  readonly descriptorsPerProcess: string
  readonly loadAverage: readonly number[]
}

export function recordEnvironment(cores: Cores): Environment {
  return {
    date: new Date().toISOString(),
    host: os.hostname(),
    commit: git('rev-parse', 'HEAD'),
    // Results that somebody has put beside the files of the project change nothing of it.
    uncommittedChanges:
      git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!bench/results') !== '',
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    pinned: cores,
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    governor: fileText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? 'not visible',
    clocksource:
      fileText('/sys/devices/system/clocksource/clocksource0/current_clocksource') ?? 'not visible',
    congestionControl: sysctl('net.ipv4.tcp_congestion_control'),
    descriptorsPerProcess:
      /^Max open files\s+(\S+)/m.exec(fileText('/proc/self/limits') ?? '')?.[1] ?? 'not visible',
    sysctl: Object.fromEntries(sysctls.map((name) => [name, sysctl(name)])),
    loadAverage: os.loadavg(),
  }
}

const sysctls = [
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.ip_local_port_range',
  'net.core.somaxconn',
  'net.core.netdev_max_backlog',
  'net.ipv4.tcp_mem',
  'fs.file-max',
]

function sysctl(name: string): string {
  return fileText(`/proc/sys/${name.replaceAll('.', '/')}`) ?? 'not visible'
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: rootDirectory, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}
