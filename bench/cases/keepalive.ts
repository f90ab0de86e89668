import * as contestants from '../harness/contestants.js'
import * as accepting from '../harness/contestants-accept.js'
import type { Context, SerialBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'
import { callsOf, countSystemCalls } from '../harness/system-calls.js'
import { Crowd } from './crowd.js'

const sizes = [1000, 10_000]
const allSizes = [1000, 5000, 10_000, 19_000]
const quickSizes = [200]
/** A size is repeated until about so many have come: 1,000 alone are 10 ms of CPU. */
const connectionsPerSample = 3000
const warmupConnections = 1000
const warmupTimes = 3

const systemCalls = 'system calls'
const tracedConnections = 1000
const quickTracedConnections = 100

const nameOf = (size: number) => `${size} connections`
const tracedOf = (quick: boolean) => (quick ? quickTracedConnections : tracedConnections)
const warmupOf = (quick: boolean) => (quick ? 0 : warmupConnections)

/** Enough of them for a smoke run: strace is slow to start. */
const traced = new Set([contestants.holdfastEpoll, contestants.holdfastPerSocket])

/** What keepalive costs where a connection is accepted: off, inherited, or set on each socket. */
export const keepalive: SerialBench = {
  name: 'keepalive',
  title: 'Keepalive off, inherited, and set on each socket: the cost of an accept',
  quickTogether: true,
  contestants: [
    accepting.holdfastEpollOff,
    contestants.holdfastEpoll,
    contestants.holdfastPerSocket,
    accepting.holdfastUvOff,
    contestants.holdfastUv,
    accepting.holdfastUvPerSocket,
    contestants.rawEpoll,
    accepting.rawEpollInherited,
    accepting.rawEpollPerSocket,
    contestants.nodeNet,
    accepting.nodeNetKeepalive,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/accept', digits: 0, relative: true },
    { figure: 'closeCpuNs', title: 'CPU ns/close', digits: 0 },
    { figure: 'systemCalls', title: 'system calls/accept', digits: 3 },
    { figure: 'setsockoptCalls', title: 'setsockopt/accept', digits: 3 },
    { figure: 'closeSystemCalls', title: 'system calls/close', digits: 3 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  requirements: (quick, full) => [
    ...sizesOf({ quick, full }).map((size) => ({
      scenario: nameOf(size),
      needs: needsOfCrowd(Math.max(size, warmupOf(quick))),
    })),
    {
      scenario: systemCalls,
      needs: {
        ...needsOfCrowd(Math.max(2 * tracedOf(quick), warmupOf(quick))),
        // strace attaches to a process that is not its child (ptrace(2), Yama).
        root: true,
        programs: { strace: 'strace' },
      },
    },
  ],
  async measure(contestant, round, context) {
    const chosen = sizesOf(context).filter((size) => context.runs('keepalive', nameOf(size)))
    const counts = context.runs('keepalive', systemCalls)
    if (chosen.length === 0 && !counts) return
    const sample = { bench: 'keepalive', contestant: contestant.name, round }
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      await Crowd.with(server, context, async (crowd) => {
        for (let i = 0; i < (context.quick ? 0 : warmupTimes); i++) {
          await crowd.arrive('queue', warmupConnections)
          await crowd.leave()
        }
        for (const size of chosen) {
          context.samples.add({
            ...sample,
            scenario: nameOf(size),
            parameters: { connections: size },
            figures: await acceptAndClose(crowd, size, context),
          })
        }
        // Counted, not timed: one round tells all.
        if (round > 0 || !counts) return
        if (context.quick && !traced.has(contestant)) return
        const figures = await countCalls(crowd, server, context)
        context.samples.add({ ...sample, scenario: systemCalls, figures })
      })
    })
  },
}

function sizesOf({ quick, full }: Pick<Context, 'quick' | 'full'>): readonly number[] {
  if (quick) return quickSizes
  return full ? allSizes : sizes
}

async function acceptAndClose(
  crowd: Crowd,
  size: number,
  { quick }: Context,
): Promise<Record<string, number>> {
  const times: Record<string, number>[] = []
  const repetitions = quick ? 1 : Math.max(1, Math.floor(connectionsPerSample / size))
  for (let i = 0; i < repetitions; i++) {
    const accepted = windowFigures(await crowd.arrive('queue', size))
    const closed = windowFigures(await crowd.leave())
    times.push({
      cpuNs: accepted.cpuNs as number,
      closeCpuNs: closed.cpuNs as number,
      disturbance: Math.max(accepted.disturbance as number, closed.disturbance as number),
    })
  }
  return figureMedians(times)
}

/** Of N and of 2N the difference: what is called whoever comes, and by tracing, cancels out. */
async function countCalls(
  crowd: Crowd,
  { pid }: Server,
  { quick }: Context,
): Promise<Record<string, number>> {
  const size = tracedOf(quick)
  const some = await countSystemCalls(pid, () => crowd.arrive('queue', size))
  const someClosed = await countSystemCalls(pid, () => crowd.leave())
  const twice = await countSystemCalls(pid, () => crowd.arrive('queue', 2 * size))
  const twiceClosed = await countSystemCalls(pid, () => crowd.leave())
  // One of them may say that there is nobody more; strace has missed something below that.
  const accepts = callsOf(twice, /^accept/)
  if (accepts < 2 * size) throw new Error(`${accepts} accepts were seen of ${2 * size}`)
  return {
    systemCalls: (callsOf(twice) - callsOf(some)) / size,
    setsockoptCalls: (callsOf(twice, /^setsockopt$/) - callsOf(some, /^setsockopt$/)) / size,
    closeSystemCalls: (callsOf(twiceClosed) - callsOf(someClosed)) / size,
  }
}
