import * as contestants from '../harness/contestants.js'
import type { TurnsBench } from '../harness/context.js'
import { interleave } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { EchoPlayer, type EchoScenario, type EchoWay, echoColumns } from './echo-player.js'

const scenario: EchoScenario = { name: 'N=50, 16 in flight', connections: 50, depth: 16 }
const way: EchoWay = {
  bench: 'messages',
  mode: 'echo',
  firstWarmupMs: 1000,
  options: { framed: 1 },
}
const windowsPerRound = 6

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
  async measureRound(taking, round, context) {
    await Server.withAll(taking, { cores: context.cores }, async (servers) => {
      const players = taking.map(({ name }, i) => new EchoPlayer(way, name, servers[i] as Server))
      await interleave(context.quick ? 1 : windowsPerRound, players, (player, window) =>
        player.play(scenario, window, context),
      )
      for (const player of players) player.hand(scenario, round, context)
    })
  },
}
