import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { Access } from '../failure/access.js'
import { TOOL_ENV } from '../failure/command.js'
import { atTestEnd } from '../support/process-scope.js'

/** The server's address in a network of its own. */
export const HOST = '10.66.0.1'

// Answers to the sources of a flood (RFC 2544) leave for nowhere: they come back by the loopback
// device, as what is addressed to another machine. The network ends with its last process, and this
// one with its stdin.
const PREPARE = [
  'ip link set lo up',
  `ip address add ${HOST}/32 dev lo`,
  'ip route add 198.18.0.0/15 dev lo',
  'echo 1 >/proc/sys/net/ipv4/tcp_syncookies',
  'echo ready',
  'exec cat',
].join(' && ')

/** A network namespace that holds a loopback device and nothing else, until the test has ended. */
export class OwnNetwork {
  readonly #enter: readonly string[]

  private constructor(enter: readonly string[]) {
    this.#enter = enter
  }

  static async open(access: Access): Promise<OwnNetwork> {
    const userToo = access === 'user namespace'
    const unshare = ['--net', ...(userToo ? ['--user', '--map-root-user'] : [])]
    const holder = spawn('unshare', [...unshare, 'sh', '-c', PREPARE], {
      env: TOOL_ENV,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(holder, 'close')
    atTestEnd(async () => {
      holder.stdin.end()
      await ended
    })
    const ready = once(holder.stdout, 'data')
    const failed = ended.then(([code]) => {
      throw new Error(`the network could not be made: unshare ended with ${code}`)
    })
    failed.catch(() => {}) // also at its regular end
    await Promise.race([ready, failed])
    const target = ['--target', String(holder.pid), '--net']
    return new OwnNetwork([
      'nsenter',
      ...target,
      ...(userToo ? ['--user', '--preserve-credentials'] : []),
    ])
  }

  /** The command, so that it runs there. */
  inside(...command: string[]): string[] {
    return [...this.#enter, ...command]
  }

  /** A counter of nstat(8) since the network was made. */
  async counter(name: string): Promise<number> {
    const [file = '', ...args] = this.inside('nstat', '-asz', name)
    const { stdout } = await promisify(execFile)(file, args, { env: TOOL_ENV })
    return Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(stdout)?.[1] ?? Number.NaN)
  }
}
