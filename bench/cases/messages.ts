import * as contestants from '../harness/contestants.js'
import type { TurnsBench } from '../harness/context.js'
import { type EchoScenario, type EchoWay, echoColumns, playRound } from './echo-player.js'

const scenario: EchoScenario = {
  name: 'N=50, 16 in flight',
  connections: 50,
  depth: 16,
  requestBytes: 64,
  windows: 6,
  measureMs: 400,
  warmupMs: 100,
  firstWarmupMs: 1000,
}
const way: EchoWay = {
  bench: 'messages',
  mode: 'echo',
  options: { framed: 1 },
}

/**
 * What decoding costs: each 64-byte message decoded and handed over, against an echo of the chunks; and
 * what encoding and sending each by itself costs besides. All get the same bytes, which are lines and
 * length-prefixed at once.
 */
export const messages: TurnsBench = {
  name: 'messages',
  title: 'Decoding and sending messages',
  contestants: [
    contestants.holdfastEpoll,
    contestants.holdfastEpollAgain,
    contestants.linesDecoded,
    contestants.lengthPrefixedDecoded,
    contestants.linesAsSlices,
    contestants.lengthPrefixedAsSlices,
    contestants.linesAsText,
    contestants.lengthPrefixedAsBuffers,
  ],
  columns: echoColumns,
  measureRound: (taking, round, context) => playRound(way, [scenario], taking, round, context),
}
