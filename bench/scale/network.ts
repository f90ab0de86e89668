import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Namespace } from '../harness/namespace.js'

/** What a fleet's packets go through, and whose counters count them. */
export interface Network {
  /** What the command of a process in it starts with. */
  readonly inside: readonly string[]
  /** Nobody else's packets are counted in it. */
  readonly isOwn: boolean
  /** A file of proc_net(5), such as `netstat`. */
  read(name: string): string
}

/** The machine's, where a namespace of its own takes privileges that are not there. */
const shared: Network = {
  inside: [],
  isOwn: false,
  read: (name) => readFileSync(`/proc/net/${name}`, 'utf8'),
}

/** A loopback of the fleet's own where this process may have one, or else the one of all. */
export async function withNetwork<Result>(
  use: (network: Network) => Promise<Result>,
): Promise<Result> {
  if (!mayHaveItsOwn()) return use(shared)
  return Namespace.with((namespace) =>
    use({ inside: namespace.inside, isOwn: true, read: (name) => namespace.read(name) }),
  )
}

/** Tried, for root in a container may not, and a tool may be missing. */
function mayHaveItsOwn(): boolean {
  const script = 'ip link set lo up && command -v nsenter'
  return spawnSync('unshare', ['--net', 'sh', '-c', script]).status === 0
}
