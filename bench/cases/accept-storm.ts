import { figure } from '../harness/child.js'
import * as accepting from '../harness/contestants-accept.js'
import type { SerialBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import { windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'
import { Crowd } from './crowd.js'

/** Under the 20,000 descriptors of a process. */
const connections = 19_000
const quickConnections = 500
const stormsPerRound = 3
const warmupConnections = 1000
const warmupTimes = 3

const sizeOf = (quick: boolean) => (quick ? quickConnections : connections)
const nameOf = (size: number) => `${size} at once`

/** All clients connect at once: how long until the last `open` handler has run, at what CPU. */
export const acceptStorm: SerialBench = {
  name: 'accept-storm',
  title: 'All clients connect at once',
  quickTogether: true,
  contestants: [
    accepting.stormedRawEpoll,
    accepting.stormedNodeNet,
    accepting.stormedHoldfastEpoll,
    accepting.stormedHoldfastUv,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/connection', digits: 0, relative: true },
    { figure: 'lastMs', title: 'last one open after ms', digits: 0 },
    { figure: 'perSecond', title: 'connections/s', digits: 0, relative: true },
    { figure: 'dialledMs', title: 'clients took ms', digits: 0 },
    { figure: 'retried', title: 'SYN sent again', digits: 0 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  requirements: (quick) => [
    { scenario: nameOf(sizeOf(quick)), needs: needsOfCrowd(sizeOf(quick)) },
  ],
  async measure(contestant, round, context) {
    const size = sizeOf(context.quick)
    if (!context.runs('accept-storm', nameOf(size))) return
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      await Crowd.with(server, context, async (crowd) => {
        for (let i = 0; i < (context.quick ? 0 : warmupTimes); i++) {
          await crowd.arrive('arrive', warmupConnections)
          await crowd.leave()
        }
        const storms: Record<string, number>[] = []
        for (let i = 0; i < (context.quick ? 1 : stormsPerRound); i++) {
          const arrived = await crowd.arrive('arrive', size)
          storms.push({
            ...windowFigures(arrived),
            lastMs: figure(arrived, 'wallNs') / 1e6,
            dialledMs: figure(arrived, 'dialledMs'),
            retried: figure(arrived, 'retried'),
          })
          await crowd.leave()
        }
        context.samples.add({
          bench: 'accept-storm',
          scenario: nameOf(size),
          contestant: contestant.name,
          round,
          parameters: { connections: size },
          figures: figureMedians(storms),
        })
      })
    })
  },
}
