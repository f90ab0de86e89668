import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Child } from './child.js'

const startTimeoutMs = 10_000

/**
 * A network of its own: a loopback device and nothing else. It has no name, so nothing is left
 * behind: it is there as long as a process is in it, and the one that holds it ends with its stdin.
 * Needs CAP_SYS_ADMIN and CAP_NET_ADMIN, unshare and nsenter (util-linux), ip (iproute2).
 */
export class Namespace {
  readonly #holder: Child

  private constructor(holder: Child) {
    this.#holder = holder
  }

  /** Makes it, lends it, and ends it whatever happens. */
  static async with<Result>(use: (namespace: Namespace) => Promise<Result>): Promise<Result> {
    const script = `ip link set lo up && echo '{"event":"up"}' && exec cat`
    const holder = new Child('a network namespace', ['unshare', '--net', 'sh', '-c', script])
    try {
      await holder.next('up', startTimeoutMs)
      return await use(new Namespace(holder))
    } finally {
      await holder.end()
    }
  }

  /** What a command starts with whose process is to be in it; each program replaces the one before. */
  get inside(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`]
  }

  /** Runs a program in it to its end, and returns what it printed. */
  run(command: readonly string[], input = ''): string {
    const [program, ...args] = [...this.inside, ...command]
    const ran = spawnSync(program as string, args, { input, encoding: 'utf8' })
    if (ran.status === 0) return ran.stdout
    throw new Error(`${command.join(' ')}: ${ran.error?.message ?? ran.stderr.trim()}`)
  }

  /** A file of proc_net(5), such as `netstat`. */
  read(name: string): string {
    return readFileSync(`/proc/${this.#holder.pid}/net/${name}`, 'utf8')
  }
}
