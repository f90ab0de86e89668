import { figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { SerialBench } from '../harness/context.js'
import { runLoad, windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'
import { figureMedians } from '../harness/statistics.js'

/** Connections between connect() and the server's end at any moment: a busy, not a flooded, port. */
export const inFlight = 64

export const columns: SerialBench['columns'] = [
  { figure: 'cpuNs', title: 'CPU ns/connection', digits: 0, relative: true },
  { figure: 'perSecond', title: 'connections/s', digits: 0, relative: true },
  { figure: 'serverBusy', title: 'server busy', digits: 2 },
  { figure: 'loadBusy', title: 'load busy', digits: 2 },
  { figure: 'disturbance', title: 'disturbance', digits: 2 },
]

/** CPU per connection accepted and closed. */
export const accept: SerialBench = {
  name: 'accept',
  title: 'What it costs to accept and close a connection',
  quickTogether: true,
  contestants: [
    contestants.rawEpoll,
    contestants.rawLibuv,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastPerSocket,
    contestants.holdfastUv,
  ],
  columns,
  async measure(contestant, round, context) {
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const result = await runLoad(context.cores, 'accept', {
        port: server.port,
        connections: inFlight,
        // A closed client port waits out its minute: a new source address for each connection in
        // turn, so that none runs out of ports.
        'source-net': 1,
        'connections-per-source': 1,
        'warmup-ms': context.quick ? 50 : 1000,
        'measure-ms': context.quick ? 400 : 2000,
        'clock-pid': server.pid,
      })
      const opened = figure(result, 'opened')
      if (figure(result, 'ended') !== opened) throw new Error('a connection did not end')
      await server.reaches(opened, opened)
      context.samples.add({
        bench: 'accept',
        scenario: 'connect and close',
        contestant: contestant.name,
        round,
        figures: { ...figureMedians([windowFigures(result)]), opened },
      })
    })
  },
}
