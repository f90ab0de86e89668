import { figure, type Message } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { SerialBench } from '../harness/context.js'
import { runLoad, verifiedChecksum, windowFigures } from '../harness/load.js'
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
    { figure: 'floodMegabytesPerSecond', title: 'flood MB/s', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measure(contestant, round, context) {
    const warmupMs = context.quick ? 50 : 1000
    const measureMs = context.quick ? 400 : 2000
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const run = (flooders: number): Promise<Message> =>
        runLoad(context.cores, 'echo', {
          port: server.port,
          connections: pingPongClients,
          flooders,
          'warmup-ms': warmupMs,
          'measure-ms': measureMs,
          'clock-pid': server.pid,
        })
      const alone = await run(0)
      verifiedChecksum(alone)
      const beside = await run(floodingClients)
      const checksum = verifiedChecksum(beside)
      const total = 2 * pingPongClients + floodingClients
      await server.reaches(total, total)
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
          aloneP99Us: figure(alone, 'p99Us'),
          besideP99Us: figure(beside, 'p99Us'),
          // One way, over the whole run; the flooders are as fast as the server lets them.
          floodMegabytesPerSecond: figure(beside, 'floodedBytes') / 1000 / (warmupMs + measureMs),
          disturbance: Math.max(undisturbed.disturbance ?? 0, disturbed.disturbance ?? 0),
        },
        checksum,
      })
    })
  },
}
