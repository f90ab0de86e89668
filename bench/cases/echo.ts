import { figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { Bench, Context } from '../harness/context.js'
import { runLoad, verifiedChecksum, windowFigures } from '../harness/load.js'
import { Server } from '../harness/server.js'

interface Scenario {
  readonly name: string
  readonly connections: number
  /** Requests in flight a connection. */
  readonly depth: number
}

const scenarios: readonly Scenario[] = [
  { name: 'N=50', connections: 50, depth: 1 },
  { name: 'N=1000', connections: 1000, depth: 1 },
  { name: 'N=50, 16 in flight', connections: 50, depth: 16 },
]

/** CPU per 64-byte echo, one fresh server a sample that meets all three loads. */
export const echo: Bench = {
  name: 'echo',
  contestants: [
    contestants.rawEpoll,
    contestants.rawLibuv,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastUv,
  ],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/echo', digits: 0, relative: true },
    { figure: 'perSecond', title: 'echoes/s', digits: 0, relative: true },
    { figure: 'p50Us', title: 'p50 µs', digits: 0 },
    { figure: 'p99Us', title: 'p99 µs', digits: 0 },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'loadBusy', title: 'load busy', digits: 2 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  async measure(contestant, round, context) {
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const before = { connections: 0, bytes: 0 }
      for (const scenario of scenarios) {
        const result = await runLoad(context.cores, 'echo', loadOptions(scenario, server, context))
        const checksum = verifiedChecksum(result)
        before.connections += scenario.connections
        before.bytes += figure(result, 'sentBytes')
        const counters = await server.reaches(before.connections, before.connections)
        for (const name of ['receivedBytes', 'sentBytes']) {
          const counted = figure(counters, name)
          if (counted !== before.bytes) {
            throw new Error(`${name} of the server: ${counted}, expected ${before.bytes}`)
          }
        }
        context.samples.add({
          bench: 'echo',
          scenario: scenario.name,
          contestant: contestant.name,
          round,
          figures: {
            ...windowFigures(result),
            p50Us: figure(result, 'p50Us'),
            p99Us: figure(result, 'p99Us'),
            p999Us: figure(result, 'p999Us'),
            verifiedBytes: figure(result, 'receivedBytes'),
          },
          checksum,
        })
      }
    })
  },
}

function loadOptions(scenario: Scenario, server: Server, context: Context) {
  return {
    port: server.port,
    connections: scenario.connections,
    depth: scenario.depth,
    'request-bytes': 64,
    'warmup-ms': context.quick ? 50 : 1000,
    'measure-ms': context.quick ? 400 : 2000,
    'clock-pid': server.pid,
  }
}
