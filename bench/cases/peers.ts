import * as contestants from '../harness/contestants.js'
import { peers as others, type Peer } from '../harness/contestants-peers.js'
import type { TurnsBench } from '../harness/context.js'
import { needsOfCrowd } from '../harness/crowd-needs.js'
import {
  type EchoScenario,
  type EchoWay,
  echoColumns,
  playRound,
  shortWindows,
} from './echo-player.js'

const inTurns = { requestBytes: 64, depth: 1, ...shortWindows }

const scenarios: readonly EchoScenario[] = [
  // The JVM compiles for longer than the others.
  { name: 'N=50', connections: 50, ...inTurns, firstWarmupMs: 3000 },
  { name: 'N=1000', connections: 1000, ...inTurns, firstWarmupMs: 500 },
]

const way: EchoWay = { bench: 'peers', mode: 'echo' }

/** The echo of servers by others: each that is installed. */
export const peers: TurnsBench = {
  name: 'peers',
  title: 'The same echo by nginx, HAProxy, Go and Netty',
  contestants: [contestants.rawEpoll, contestants.nodeNet, contestants.holdfastEpoll, ...others],
  columns: echoColumns,
  requirements: (quick) => [
    // A proxy has two for each.
    ...(quick ? [] : [{ scenario: 'N=1000', needs: needsOfCrowd(2000, 2 * 7 * 1000) }]),
    ...others.map((peer) => ({ scenario: part(peer), needs: needs(peer) })),
  ],
  async measureRound(taking, round, context) {
    const installed = (name: string) => {
      const peer = others.find((other) => other.name === name)
      if (peer === undefined) return true
      if (!context.runs('peers', part(peer))) return false
      peer.build()
      return true
    }
    const there = taking.filter(({ name }) => installed(name))
    await playRound(way, scenarios, there, round, context)
  },
}

/** A peer that is missing is skipped in all scenarios. */
function part({ name }: Peer): string {
  return `${name}, where it is installed`
}

function needs({ programs }: Peer) {
  return { programs: { setpriv: 'util-linux', ...programs } }
}
