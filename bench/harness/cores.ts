import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The server has one core, the load generator (and this harness, which sleeps) the other. */
export interface Cores {
  readonly server: number
  readonly load: number
}

/** The first two cores this process may use; the same one twice when there is only one. */
export function chooseCores(): Cores {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  const allowed = (list ?? '0').split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  const [server = 0, load = server] = allowed
  return { server, load }
}

/** A command whose process, and every thread it starts, runs on one core. */
export function pinned(core: number, command: readonly string[]): string[] {
  return ['taskset', '--cpu-list', String(core), ...command]
}

/** A command that may run on both, and nowhere else; not where the harness is kept. */
export function pinnedToBoth({ server, load }: Cores, command: readonly string[]): string[] {
  return ['taskset', '--cpu-list', `${server},${load}`, ...command]
}

/** Keeps every thread of the harness off the server's core. */
export function pinHarness(cores: Cores): void {
  const pid = String(process.pid)
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(cores.load), pid])
}
