import * as contestants from '../harness/contestants.js'
import type { TurnsBench } from '../harness/context.js'
import {
  type EchoScenario,
  type EchoWay,
  echoColumns,
  playRound,
  shortWindows,
} from './echo-player.js'

const inTurns = { requestBytes: 64, ...shortWindows, firstWarmupMs: 200 }
// All clients send at once when a window begins, and that takes a tenth of a second to sort itself out.
const many = { requestBytes: 64, windows: 4, measureMs: 350, warmupMs: 150, firstWarmupMs: 300 }

const scenarios: readonly EchoScenario[] = [
  { name: 'N=50', connections: 50, depth: 1, ...inTurns, firstWarmupMs: 1000 },
  { name: 'N=1', connections: 1, depth: 1, ...inTurns },
  { name: 'N=1000', connections: 1000, depth: 1, ...inTurns },
  { name: 'N=10000', connections: 10_000, depth: 1, ...many },
  { name: 'N=50, 16 in flight', connections: 50, depth: 16, ...inTurns },
]

const way: EchoWay = { bench: 'echo', mode: 'echo' }

/** CPU per 64-byte echo, from one client to ten thousand. */
export const echo: TurnsBench = {
  name: 'echo',
  title: 'What an echo costs, and how long it takes',
  contestants: [
    contestants.rawEpoll,
    contestants.rawEpollAgain,
    contestants.rawLibuv,
    contestants.nodeNet,
    contestants.holdfastEpoll,
    contestants.holdfastUv,
  ],
  columns: echoColumns,
  requirements: (quick) =>
    quick
      ? []
      : [
          {
            scenario: 'N=10000',
            needs: {
              descriptorsPerProcess: 10_100,
              // Both ends, of all six contestants.
              openFiles: 125_000,
              memoryBytes: 2 ** 30,
              portsPerAddress: 11_200,
            },
          },
        ],
  measureRound: (taking, round, context) => playRound(way, scenarios, taking, round, context),
}
