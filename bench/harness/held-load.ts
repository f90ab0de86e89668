import type { Child, Message } from './child.js'
import type { Cores } from './cores.js'
import { type LoadOptions, startLoad, verifiedChecksum } from './load.js'

// Dialling, and draining what is in flight; the load generator itself gives up after 5 s.
const dialTimeoutMs = 60_000
const slackMs = 30_000

/** Clients that stay connected from one window to the next; idle in between, they cost nobody CPU. */
export class HeldLoad {
  readonly #child: Child

  private constructor(child: Child) {
    this.#child = child
  }

  /** In a mode that obeys `measure`: echo or http. */
  static async dial(cores: Cores, mode: 'echo' | 'http', options: LoadOptions): Promise<HeldLoad> {
    const child = startLoad(cores, mode, options)
    try {
      await child.next('held', dialTimeoutMs)
      return new HeldLoad(child)
    } catch (error) {
      child.kill()
      throw error
    }
  }

  /** One window. When it is told, all requests have been answered, and every byte is verified. */
  async measure(warmupMs: number, measureMs: number): Promise<Message> {
    this.#child.say(`measure ${warmupMs} ${measureMs}`)
    const window = await this.#child.next('window', warmupMs + measureMs + slackMs)
    verifiedChecksum(window)
    return window
  }

  /** Closes all connections, or ends what is left of a run that failed. */
  async close(): Promise<void> {
    await this.#child.end()
  }
}
