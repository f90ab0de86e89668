import { setImmediate as nextTurn } from 'node:timers/promises'
import type { NativeListening, NativeListenOptions } from '../../lib/native/reactor.js'
import { KIND_REFUSED, REFUSAL_NAMES } from '../../lib/native/records.js'
import { countArrived } from '../../lib/testing/listeners.js'
import { MemoryReactor } from '../../lib/testing/reactor.js'

/** The reactor in memory, for the tests of lib/core: it counts calls, and makes turns one by one. */
export class FakeReactor extends MemoryReactor {
  /** Thrown by the next listen(). */
  listenError: Error | null = null
  flushes = 0
  sends = 0
  broadcasts = 0
  /** Submission records seen, as [op, slot, ...]. */
  readonly submitted: number[][] = []

  /** First free byte of the slab of the next batch. */
  set slabStart(at: number) {
    this.batch.slabStart = at
  }

  /** Delivers what is pending, lets microtasks run, then runs the submissions. */
  async turn(): Promise<void> {
    this.deliver()
    await nextTurn()
    this.flush()
  }

  /** Turns until nothing is pending. */
  async settle(): Promise<void> {
    do await this.turn()
    while (!this.batch.isEmpty)
  }

  refuse(listener: number, cause: string, count: number): void {
    const code = REFUSAL_NAMES.indexOf(cause as never)
    const arrived = countArrived(this.listeners[listener], count)
    this.push([KIND_REFUSED, listener, code, count, 0, arrived])
  }

  override flush(): void {
    this.flushes++
    super.flush()
  }

  override send(slot: number, generation: number, bytes: Uint8Array): void {
    this.sends++
    super.send(slot, generation, bytes)
  }

  override broadcast(listener: number, ids: Uint32Array, count: number, bytes: Uint8Array): void {
    this.broadcasts++
    super.broadcast(listener, ids, count, bytes)
  }

  override listen(options: NativeListenOptions): NativeListening {
    if (this.listenError !== null) throw this.listenError
    return super.listen(options)
  }

  /** Whoever closes a server makes no turn for it. */
  override drainListener(listener: number, graceMs: number): void {
    super.drainListener(listener, graceMs)
    setImmediate(() => this.deliver())
  }

  protected override run(submission: number[]): void {
    this.submitted.push(submission.slice(0, 5))
    super.run(submission)
  }
}
