import * as contestants from '../harness/contestants.js'
import type { Column, TurnsBench } from '../harness/context.js'
import { type EchoScenario, type EchoWay, echoColumns, playRound } from './echo-player.js'

const KIB = 1024
const bytes = { '64 B': 64, '256 B': 256, '1 KiB': KIB, '4 KiB': 4 * KIB, '16 KiB': 16 * KIB }

const scenarios = Object.entries({ ...bytes, '64 KiB': 64 * KIB }).map(
  ([name, requestBytes], place): EchoScenario => ({
    name,
    requestBytes,
    connections: 50,
    depth: 1,
    windows: 3,
    measureMs: 200,
    warmupMs: 50,
    firstWarmupMs: place === 0 ? 1000 : 100,
  }),
)

const way: EchoWay = { bench: 'sizes', mode: 'echo' }

const megabytes: Column = { figure: 'megabytesPerSecond', title: 'MB/s', digits: 0, relative: true }

/** CPU per echo of 64 bytes to 64 KiB, the most that a server reads at a time. */
export const sizes: TurnsBench = {
  name: 'sizes',
  title: 'What an echo costs, by its size',
  contestants: [contestants.rawEpoll, contestants.nodeNet, contestants.holdfastEpoll],
  columns: [...echoColumns.slice(0, 2), megabytes, ...echoColumns.slice(2)],
  measureRound: (taking, round, context) => playRound(way, scenarios, taking, round, context),
}
