import { figure, type Message } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { SerialBench } from '../harness/context.js'
import { HeldLoad } from '../harness/held-load.js'
import { latenciesOf } from '../harness/latencies.js'
import { verifiedChecksum, windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'

const pingPongClients = 50
const floodingClients = 4

/** 50 ping-pong clients alone, then beside 4 that send as fast as the server takes it. */
export const fairness: SerialBench = {
  name: 'fairness',
  title: 'Ping-pong clients beside flooding ones',
  contestants: [
    contestants.rawEpoll,
    contestants.rawLibuv,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastUv,
  ],
  columns: [
    { figure: 'alonePerSecond', title: 'alone, echoes/s', digits: 0 },
    { figure: 'besidePerSecond', title: 'beside flooders', digits: 0 },
    { figure: 'keptRate', title: 'rate kept', digits: 2 },
    { figure: 'aloneP99Us', title: 'p99 alone µs', digits: 0 },
    { figure: 'besideP99Us', title: 'p99 beside µs', digits: 0 },
    { figure: 'besideP999Us', title: 'p99.9 beside µs', digits: 0 },
    { figure: 'floodMegabytesPerSecond', title: 'flood MB/s', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measure(contestant, round, context) {
    const warmupMs = context.quick ? 50 : 1000
    const measureMs = context.quick ? 400 : 2000
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const run = async (flooders: number): Promise<Message> => {
        const load = await HeldLoad.dial(context.cores, 'echo', {
          port: server.port,
          connections: pingPongClients,
          flooders,
          'clock-pid': server.clockPid,
        })
        try {
          return await load.measure(warmupMs, measureMs)
        } finally {
          await load.close()
        }
      }
      const alone = await run(0)
      const beside = await run(floodingClients)
      const checksum = verifiedChecksum(beside)
      const total = 2 * pingPongClients + floodingClients
      await server.reaches(total, total)
      const latencies = latenciesOf(beside)
      const undisturbed = windowFigures(alone)
      const disturbed = windowFigures(beside)
      const perSecond = (figures: Record<string, number>) => figures.perSecond ?? 0
      context.samples.add({
        bench: 'fairness',
        scenario: '50 beside 4',
        contestant: contestant.name,
        round,
        figures: {
          alonePerSecond: perSecond(undisturbed),
          besidePerSecond: perSecond(disturbed),
          keptRate: perSecond(disturbed) / perSecond(undisturbed),
          aloneP99Us: latenciesOf(alone).percentileUs(99),
          besideP99Us: latencies.percentileUs(99),
          besideP999Us: latencies.percentileUs(99.9),
          // One way, over the whole run; the flooders are as fast as the server lets them.
          floodMegabytesPerSecond: figure(beside, 'floodedBytes') / 1000 / (warmupMs + measureMs),
          disturbance: Math.max(0, undisturbed.disturbance ?? 0, disturbed.disturbance ?? 0),
        },
        percentiles: { besideLatencyUs: latencies.percentiles() },
        checksum,
      })
    })
  },
}
