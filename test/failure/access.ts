import { execFile } from 'node:child_process'
import { TOOL_ENV } from './command.js'

// The laboratory makes network namespaces, which needs privileges: root's, or those that everybody
// has in a user namespace of his own. In both cases it gets a mount namespace with a /run of its own,
// where `ip netns` keeps its names, and a process namespace that dies with its first process: whatever
// ends it (a failure, SIGINT, SIGKILL), programs and namespaces end with it.

export type Access = 'root' | 'user namespace'

const COMMON = ['--net', '--mount', '--pid', '--fork', '--kill-child']
const UNSHARE: Readonly<Record<Access, readonly string[]>> = {
  root: COMMON,
  // Everybody is root in it, so the tools work unchanged.
  'user namespace': ['--user', '--map-root-user', ...COMMON],
}

const PREPARE = 'mount -t tmpfs tmpfs /run && exec "$@"'

/** The command, so that it runs in namespaces of its own. */
export function isolated(access: Access, args: readonly string[]): string[] {
  return ['unshare', ...UNSHARE[access], 'sh', '-c', PREPARE, 'sh', ...args]
}

export interface Refusal {
  /** What each way was refused with, one line each. */
  refused: string[]
}

// What a scenario needs of the system, beside unshare and mount.
const PROBE = [
  'ip netns add probe',
  'nsenter --net=/run/netns/probe ip link set lo up',
  'nsenter --net=/run/netns/probe nft list tables',
  'nsenter --net=/run/netns/probe ss -Htn',
  'nsenter --net=/run/netns/probe nstat -asz >/dev/null',
  'python3 -c ""',
].join(' && ')

/** The first way that works here, tried out. */
export async function findAccess(): Promise<Access | Refusal> {
  const refused: string[] = []
  for (const access of ['root', 'user namespace'] as const) {
    const problem = await trial(isolated(access, ['sh', '-c', PROBE]))
    if (problem === null) return access
    refused.push(`as ${access}: ${problem}`)
  }
  return { refused }
}

function trial([name = '', ...args]: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(name, args, { env: TOOL_ENV, timeout: 10_000 }, (error, _, stderr) => {
      resolve(error === null ? null : stderr.trim() || error.message)
    })
  })
}

/** For people: what is missing, and what would help. */
export function explain({ refused }: Refusal): string {
  return [
    'THE FAILURE LABORATORY CANNOT RUN HERE: none of its scenarios is checked.',
    ...refused.map((line) => `  ${line}`),
    '  It needs Linux with iproute2, nftables, util-linux and python3, and either root or',
    '  unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1; with AppArmor',
    '  kernel.apparmor_restrict_unprivileged_userns=0).',
  ].join('\n')
}
