import { join } from 'node:path'
import { Child, figure, type Message } from './child.js'
import { type Cores, pinned } from './cores.js'
import { nativeDirectory } from './paths.js'

export type LoadOptions = Readonly<Record<string, number>>

/**
 * Starts bench_load on the load generator's core; the options are those of load/options.h. In the
 * background it has what others there leave of that core; `inside` is what a command starts with
 * that is to be in a network namespace.
 */
export function startLoad(
  cores: Cores,
  mode: string,
  options: LoadOptions,
  { background = false, inside = [] }: { background?: boolean; inside?: readonly string[] } = {},
): Child {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const command = pinned(cores.load, [join(nativeDirectory, 'bench_load'), mode, ...args])
  const nice = background ? ['nice', '-n', '19'] : []
  return new Child(`bench_load ${mode}`, [...inside, ...nice, ...command])
}

/** Runs a load to its end and returns its result. */
export async function runLoad(cores: Cores, mode: string, options: LoadOptions): Promise<Message> {
  const child = startLoad(cores, mode, options)
  // Dialling and draining besides the two phases; the load generator itself gives up after 5 s.
  const timeoutMs = (options['warmup-ms'] ?? 0) + (options['measure-ms'] ?? 0) + 30_000
  try {
    return await child.next('result', timeoutMs)
  } catch (error) {
    child.kill()
    throw error
  } finally {
    await child.end()
  }
}

/** The figures every counted window has. */
export function windowFigures(result: Message): Record<string, number> {
  const operations = figure(result, 'operations')
  const wallNs = figure(result, 'wallNs')
  const serverCpuNs = figure(result, 'serverCpuNs')
  const loadCpuNs = figure(result, 'loadCpuNs')
  if (operations === 0) throw new Error('nothing was counted in the window')
  const foreignNs = figure(result, 'machineBusyNs') - serverCpuNs - loadCpuNs
  return {
    operations,
    cpuNs: serverCpuNs / operations,
    perSecond: (operations * 1e9) / wallNs,
    serverBusy: serverCpuNs / wallNs,
    loadBusy: loadCpuNs / wallNs,
    // In cores: what other processes used meanwhile, and what the host took. The machine counts in
    // ticks of 10 ms, so it may be below zero in a short window: figureMedians() evens that out.
    // Above a few hundredths the figures of this sample are noise.
    disturbance: (foreignNs + figure(result, 'machineStolenNs')) / wallNs,
  }
}

/** Asserts that everything sent came back, byte for byte, and returns the sum over it. */
export function verifiedChecksum(result: Message): string {
  const { sentBytes, receivedBytes, sentChecksum, receivedChecksum } = result
  if (sentBytes !== receivedBytes || sentChecksum !== receivedChecksum) {
    throw new Error(`what came back is not what was sent: ${JSON.stringify(result)}`)
  }
  return String(receivedChecksum)
}
