import { type Call, Strace } from '../support/process-strace.js'
import { until } from '../support/wait.js'

/** What strace(1) makes the calls of a live process fail with. */
export interface Fault {
  /** Without SYS_: accept4. */
  call: string
  error: string
  /** The first calls of that name from now on; all of them, if that is not said. */
  times?: number
}

/** A fault at work, on the main thread, where the reactor runs. */
export class Injection {
  readonly #strace: Strace
  readonly #fault: Fault

  private constructor(strace: Strace, fault: Fault) {
    this.#strace = strace
    this.#fault = fault
  }

  static async begin(pid: number, fault: Fault): Promise<Injection> {
    const when = fault.times === undefined ? '' : `:when=1..${fault.times}`
    const inject = `inject=${fault.call}:error=${fault.error}${when}`
    const args = ['-e', `trace=${fault.call}`, '-e', inject]
    return new Injection(await Strace.attach(pid, { everyThread: false, args }), fault)
  }

  /** The calls that were made to fail so far. */
  get injected(): Call[] {
    return this.#strace.calls.filter(({ text }) => text.endsWith('(INJECTED)'))
  }

  /** Resolves when so many calls were made to fail; by default all that were asked for. */
  async happened(times = this.#fault.times ?? 1): Promise<void> {
    const { call, error } = this.#fault
    await until(() => this.injected.length >= times, `${times} times ${error} of ${call}`, 20_000)
  }

  async end(): Promise<void> {
    await this.#strace.detach()
  }
}
