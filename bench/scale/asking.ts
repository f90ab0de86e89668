import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from './fleet.js'
import type { Soak } from './reading.js'
import { probePeriodMs } from './size.js'
import { measureWindow, type Window } from './window.js'

/** Who asks whether the clients are there. */
export type Asker = 'kernel-probes' | 'heartbeat'

/** Both find a client that vanished within two periods. */
export function policyOf(periodMs: number) {
  // The least interval is a second.
  const count = Math.min(5, periodMs / 1000)
  return { idleMs: periodMs, intervalMs: periodMs / count, count }
}

export const heartbeatOf = (periodMs: number) => ({ intervalMs: periodMs, replyMs: periodMs })

/** How long it takes to stop asking, and until what was under way is over. */
const stopMs = 300
/** Timers may ring as much late as their bucket is wide, an eighth of their time at most. */
const latest = 1 / 8

/** A fleet that is asked by the kernel, by its servers, or by nobody, in turn. */
export class Asking {
  readonly #fleet: Fleet
  readonly #soak: Soak
  readonly #periodMs: number

  constructor(fleet: Fleet, soak: Soak, periodMs: number) {
    this.#fleet = fleet
    this.#soak = soak
    this.#periodMs = periodMs
  }

  quiet(ms: number): Promise<Window> {
    return measureWindow(this.#soak, ms)
  }

  /** A window in which each is asked as often, whole periods of it and at least so long. */
  async asked(by: Asker, leastMs: number): Promise<Window> {
    const { intervalMs } = policyOf(this.#periodMs)
    const periodMs = by === 'heartbeat' ? this.#periodMs : probePeriodMs(this.#periodMs, intervalMs)
    await this.#begin(by)
    const window = await measureWindow(this.#soak, periodMs * Math.ceil(leastMs / periodMs))
    await this.#stop(by)
    return window
  }

  /** Begins evenly over a period; the first one is due again when it ends, or a little later. */
  async #begin(by: Asker): Promise<void> {
    const periodMs = this.#periodMs
    if (by === 'heartbeat') {
      await this.#fleet.askServers(`resume ${periodMs}`, 'done', periodMs)
    } else {
      const policy = JSON.stringify(policyOf(periodMs))
      await this.#fleet.askServers(`keepalive ${periodMs} ${policy}`, 'done', periodMs)
    }
    await sleep(periodMs * latest)
  }

  async #stop(by: Asker): Promise<void> {
    const command = by === 'heartbeat' ? `pause ${stopMs}` : `keepalive ${stopMs} false`
    await this.#fleet.askServers(command, 'done', stopMs)
    await sleep(stopMs)
    if (by === 'heartbeat') await this.#fleet.expectPingsHeard()
  }
}

/** What is counted, against what the kernel's timers must give. */
const rateTolerance = 0.05
/** A window of a smoke run has few periods. */
const quickTolerance = 0.25

/** A machine that is too busy is late; one that asks less than half has another policy in force. */
const inForce = 0.5

/**
 * Why a window does not count: the kernel has not asked as often as it must.
 * @throws when it cannot have had this policy
 */
export function wrongRate(
  perSecond: number,
  { connections, periodMs }: { readonly connections: number; readonly periodMs: number },
  { quick, isOwn }: { readonly quick: boolean; readonly isOwn: boolean },
): string | undefined {
  const { intervalMs } = policyOf(periodMs)
  const expected = (connections * 1000) / probePeriodMs(periodMs, intervalMs)
  const tolerance = quick ? quickTolerance : rateTolerance
  // In a test run on a network that is shared, others' probes are counted with ours.
  const most = quick && !isOwn ? Number.POSITIVE_INFINITY : expected * (1 + tolerance)
  if (perSecond >= expected * (1 - tolerance) && perSecond <= most) return undefined
  const wrong = `${Math.round(perSecond)} probes a second, expected ${Math.round(expected)}`
  if (perSecond < expected * inForce) throw new Error(wrong)
  return wrong
}
