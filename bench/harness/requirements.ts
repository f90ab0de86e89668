import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'

/** What a scenario takes of the machine. What is not named is not needed beyond the usual. */
export interface Needs {
  readonly cores?: number
  /** Of the process that opens most, RLIMIT_NOFILE. */
  readonly descriptorsPerProcess?: number
  /** Of all processes, fs.file-max; a connection on loopback has two. */
  readonly openFiles?: number
  /** Of all processes and the kernel, at the same time. */
  readonly memoryBytes?: number
  /** Of one source address towards one port, ip_local_port_range. */
  readonly portsPerAddress?: number
  /** Sent over loopback in one instant, net.core.netdev_max_backlog: what is more is dropped. */
  readonly packetsAtOnce?: number
  /** CAP_NET_ADMIN and CAP_SYS_ADMIN, for network namespaces of its own. */
  readonly root?: boolean
  /** Programs, and files by their path, each with the Debian package that has it. */
  readonly programs?: Readonly<Record<string, string>>
}

export interface Requirement {
  readonly scenario: string
  readonly needs: Needs
}

/** One thing this machine has too little of, and how it is raised. */
export interface Shortage {
  readonly what: string
  readonly needed: string
  readonly have: string
  readonly raise: string
}

/** A scenario that this machine is too small for: in the report as skipped, never silently. */
export interface Skip {
  readonly bench: string
  readonly scenario: string
  readonly shortages: readonly Shortage[]
}

export interface Machine {
  readonly cores: number
  readonly descriptorsPerProcess: number
  readonly openFiles: number
  readonly memoryBytes: number
  readonly portsPerAddress: number
  readonly packetsAtOnce: number
  readonly root: boolean
  has(program: string): boolean
}

export function thisMachine(): Machine {
  const [firstPort = 0, lastPort = 0] = numbersIn('/proc/sys/net/ipv4/ip_local_port_range')
  const [inUse = 0, , filesMax = 0] = numbersIn('/proc/sys/fs/file-nr')
  const [packetsAtOnce = 0] = numbersIn('/proc/sys/net/core/netdev_max_backlog')
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const descriptors = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return {
    cores: os.availableParallelism(),
    descriptorsPerProcess:
      descriptors === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(descriptors),
    openFiles: filesMax - inUse,
    memoryBytes: Number(available) * 1024,
    portsPerAddress: lastPort - firstPort + 1,
    packetsAtOnce,
    root: process.geteuid?.() === 0,
    has: (program) =>
      program.startsWith('/')
        ? existsSync(program)
        : spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0,
  }
}

function numbersIn(path: string): number[] {
  return readFileSync(path, 'utf8').trim().split(/\s+/).map(Number)
}

const GIB = 2 ** 30

export function shortagesOf(needs: Needs, machine: Machine): Shortage[] {
  const shortages: Shortage[] = []
  const compare = (what: string, needed: number | undefined, have: number, raise: string): void => {
    if (needed === undefined || needed <= have) return
    shortages.push({
      what,
      needed: needed.toLocaleString('en'),
      have: have.toLocaleString('en'),
      raise,
    })
  }
  compare('cores', needs.cores, machine.cores, 'run it on a machine with more')
  compare(
    'descriptors a process',
    needs.descriptorsPerProcess,
    machine.descriptorsPerProcess,
    `ulimit -n ${needs.descriptorsPerProcess}, or LimitNOFILE= of the unit`,
  )
  compare(
    'open files of the machine',
    needs.openFiles,
    machine.openFiles,
    `sudo sysctl -w fs.file-max=${needs.openFiles}`,
  )
  if (needs.memoryBytes !== undefined && needs.memoryBytes > machine.memoryBytes) {
    const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`
    shortages.push({
      what: 'memory available',
      needed: gib(needs.memoryBytes),
      have: gib(machine.memoryBytes),
      raise: 'end other processes, or run it on a machine with more',
    })
  }
  compare(
    'ports of a source address',
    needs.portsPerAddress,
    machine.portsPerAddress,
    'sudo sysctl -w net.ipv4.ip_local_port_range="10000 65000"',
  )
  compare(
    'packets queued on loopback',
    needs.packetsAtOnce,
    machine.packetsAtOnce,
    `sudo sysctl -w net.core.netdev_max_backlog=${needs.packetsAtOnce}`,
  )
  if (needs.root === true && !machine.root) {
    const raise = 'run it as root (sudo -E)'
    shortages.push({ what: 'root', needed: 'yes', have: 'no', raise })
  }
  for (const [program, debian] of Object.entries(needs.programs ?? {})) {
    if (machine.has(program)) continue
    shortages.push({
      what: program.startsWith('/') ? program : `the program ${program}`,
      needed: 'installed',
      have: 'missing',
      raise: `apt-get install ${debian}`,
    })
  }
  return shortages
}
