import * as contestants from '../harness/contestants.js'
import type { TurnsBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import {
  type EchoScenario,
  type EchoWay,
  echoColumns,
  playRound,
  shortWindows,
} from './echo-player.js'

const inTurns = { requestBytes: 64, depth: 1, ...shortWindows, firstWarmupMs: 200 }

const scenarios: readonly EchoScenario[] = [
  { name: 'N=1', ...inTurns, connections: 1, firstWarmupMs: 1000 },
  { name: 'N=50', ...inTurns, connections: 50 },
  { name: 'N=50, 16 in flight', ...inTurns, connections: 50, depth: 16 },
  { name: 'N=1000', ...inTurns, connections: 1000 },
  // To send once on each takes a tenth of a second alone, and so does an answer.
  { name: 'N=10000', ...inTurns, connections: 10_000, warmupMs: 150, measureMs: 350 },
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
          { scenario: 'N=1000', needs: needsOfCrowd(1000, 6 * 1000) },
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
