import * as contestants from '../harness/contestants.js'
import type { TurnsBench } from '../harness/context.js'
import { interleave } from '../harness/rounds.js'
import { Server } from '../harness/server.js'
import { EchoPlayer, type EchoScenario, type EchoWay, echoColumns } from './echo-player.js'

const scenarios: readonly EchoScenario[] = [
  { name: 'N=50', connections: 50, depth: 1 },
  { name: 'N=1000', connections: 1000, depth: 1 },
  { name: 'N=50, 16 in flight', connections: 50, depth: 16 },
]

const way: EchoWay = { bench: 'echo', mode: 'echo', firstWarmupMs: 1000 }

/** Windows of each contestant in a round; the smaller they are, the less the machine drifts between them. */
const windowsPerRound = 6

/** CPU per 64-byte echo: fresh servers a round, which take turns by windows of a fraction of a second. */
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
  async measureRound(taking, round, context) {
    await Server.withAll(taking, { cores: context.cores }, async (servers) => {
      const players = taking.map(({ name }, i) => new EchoPlayer(way, name, servers[i] as Server))
      for (const scenario of scenarios) {
        const windows = context.quick ? 1 : windowsPerRound
        await interleave(windows, players, (player, window) =>
          player.play(scenario, window, context),
        )
        for (const player of players) player.hand(scenario, round, context)
      }
    })
  },
}
