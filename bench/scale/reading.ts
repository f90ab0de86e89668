import { join } from 'node:path'
import { Child, figure } from '../harness/child.js'
import { pinnedToBoth } from '../harness/cores.js'
import { nativeDirectory } from '../harness/paths.js'
import { countWakeUps, type KernelCounts, readKernelCounts } from './counters.js'
import type { Fleet } from './fleet.js'

const answerTimeoutMs = 30_000

/** Everything that counts, at one moment. */
export interface Reading extends KernelCounts {
  readonly wallNs: number
  /** What others than the soak had of the cores that the fleet runs on. */
  readonly takenNs: number
  readonly stolenNs: number
  readonly serverCpuNs: number
  readonly clientCpuNs: number
  readonly wakeUps: number
  readonly beats: number
  /** Connections that have ended since the fleet began; nobody has asked for it. */
  readonly lost: number
}

/** The program that measures what the machine does for others (scale/soak.cc), beside a fleet. */
export class Soak {
  readonly #child: Child
  readonly #fleet: Fleet

  private constructor(child: Child, fleet: Fleet) {
    this.#child = child
    this.#fleet = fleet
  }

  static async with<Result>(fleet: Fleet, use: (soak: Soak) => Promise<Result>): Promise<Result> {
    const { cores } = fleet
    const child = new Child('soak', pinnedToBoth(cores, [join(nativeDirectory, 'soak')]))
    try {
      const soaked = figure(await child.next('soaking', answerTimeoutMs), 'cores')
      const expected = new Set([cores.server, cores.load]).size
      if (soaked !== expected) throw new Error(`${soaked} cores are measured, expected ${expected}`)
      return await use(new Soak(child, fleet))
    } finally {
      await child.end()
    }
  }

  /** At the end of a window the clocks come first, so that asking costs the window nothing. */
  async read(edge: 'begin' | 'end'): Promise<Reading> {
    if (edge === 'end') {
      const clocks = await this.#clocks()
      return { ...clocks, ...(await this.#counts()) }
    }
    const counts = await this.#counts()
    return { ...counts, ...(await this.#clocks()) }
  }

  async #counts() {
    const { beats, closed } = await this.#fleet.counts()
    return { beats, lost: closed }
  }

  async #clocks() {
    const { serverPids, clientPids, network } = this.#fleet
    this.#child.say(`read ${serverPids.join(',')} ${clientPids.join(',')}`)
    const reading = await this.#child.next('reading', answerTimeoutMs)
    return {
      wallNs: figure(reading, 'wallNs'),
      takenNs: figure(reading, 'takenNs'),
      stolenNs: figure(reading, 'stolenNs'),
      serverCpuNs: figure(reading, 'group0Ns'),
      clientCpuNs: figure(reading, 'group1Ns'),
      wakeUps: countWakeUps(serverPids),
      ...readKernelCounts(network),
    }
  }
}
