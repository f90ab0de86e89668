import * as contestants from '../harness/contestants.js'
import type { TurnsBench } from '../harness/context.js'
import { type EchoScenario, type EchoWay, playRound } from './echo-player.js'

const scenario: EchoScenario = {
  name: '50 keep-alive',
  connections: 50,
  depth: 1,
  windows: 6,
  measureMs: 400,
  warmupMs: 100,
  firstWarmupMs: 2000,
}
const way: EchoWay = { bench: 'http', mode: 'http' }

/** Requests per second of one http.createServer(), on node:net and on connections' toDuplex(). */
export const http: TurnsBench = {
  name: 'http',
  title: 'HTTP on conn.toDuplex()',
  contestants: [
    contestants.nodeHttp,
    contestants.nodeHttpAgain,
    contestants.httpEpoll,
    contestants.httpUv,
  ],
  columns: [
    { figure: 'perSecond', title: 'requests/s', digits: 0, relative: true },
    { figure: 'cpuNs', title: 'CPU ns/request', digits: 0, relative: true },
    { figure: 'p50Us', title: 'p50 µs', digits: 0 },
    { figure: 'p99Us', title: 'p99 µs', digits: 0 },
    { figure: 'serverBusy', title: 'server busy', digits: 2 },
    { figure: 'loadBusy', title: 'load busy', digits: 2 },
    { figure: 'disturbance', title: 'disturbance', digits: 2 },
  ],
  measureRound: (taking, round, context) => playRound(way, [scenario], taking, round, context),
}
