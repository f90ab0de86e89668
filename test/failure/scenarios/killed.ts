import { KILLED_AT_PEER, KILLED_AT_SERVER, killedAfterSilence } from '../cuts/killed.js'
import type { Cut, Expectation, Range, Scenario, Traffic } from '../scenario.js'
import { IDLE, IN_FLIGHT, PAUSED, PAUSED_IN_FLIGHT, PAUSED_UNREAD, QUICK } from '../traffic.js'

// A socket that was destroyed from outside is reported at once: the peer's by the RST that it sends,
// the server's own by ECONNABORTED, which no segment of anybody's stands behind.

const RESET: Expectation = {
  reason: 'peer-reset',
  actor: 'peer',
  code: 'ECONNRESET',
  decidedBy: 'kernel',
}

const ABORTED: Expectation = {
  reason: 'io-error',
  actor: 'system',
  code: 'ECONNABORTED',
  decidedBy: 'kernel',
}

const SIDES: readonly [Cut, Expectation][] = [
  [KILLED_AT_PEER, RESET],
  [KILLED_AT_SERVER, ABORTED],
]

// One turn of the server, which a busy machine may let wait for half a second and more.
const AT_ONCE_MS = 1_000

// To start the command that kills, on a busy machine.
const COMMAND_MS_MAX = 1_000

// A paused connection on uv is looked at every 500 ms.
const PAUSED_MS_MAX = AT_ONCE_MS + 500

// What the peer never got is retransmitted meanwhile, and one second is far from the bound of three.
const KILL_AFTER_MS = 1_000

// The peer was last heard up to a second before the cut, and the clock must not be due yet.
const ROOM_MS = 800

export const killed: readonly Scenario[] = SIDES.flatMap(([cut, expect]) => [
  atOnce(cut, expect, IDLE, AT_ONCE_MS),
  atOnce(cut, expect, PAUSED, PAUSED_MS_MAX),
  atOnce(cut, expect, PAUSED_UNREAD, PAUSED_MS_MAX),
  whileUnacknowledged(cut, expect, IN_FLIGHT, AT_ONCE_MS),
  whileUnacknowledged(cut, expect, PAUSED_IN_FLIGHT, PAUSED_MS_MAX),
])

function atOnce(cut: Cut, expect: Expectation, traffic: Traffic, toMs: number): Scenario {
  const unread = traffic === PAUSED_UNREAD ? 500 : 0
  return {
    name: `${traffic.name}: ${cut.name}`,
    topology: 'pair',
    families: traffic === IDLE ? ['v4', 'v6'] : ['v4'],
    policy: QUICK,
    traffic,
    cut,
    expect,
    window: { since: 'cut', fromMs: 0, toMs },
    witness: {
      counters: resets(cut),
      evidence: { probes: [0, 0], retransmits: [0, 0], bytesUnread: [unread, unread] },
    },
  }
}

function whileUnacknowledged(
  cut: Cut,
  expect: Expectation,
  traffic: Traffic,
  toMs: number,
): Scenario {
  const later = killedAfterSilence(cut)
  return {
    name: `${traffic.name}: ${later.name}`,
    topology: 'pair',
    families: ['v4'],
    policy: QUICK,
    traffic,
    cut: later,
    undoAfterMs: KILL_AFTER_MS,
    roomMs: ROOM_MS,
    expect,
    window: { since: 'cut', fromMs: KILL_AFTER_MS, toMs: KILL_AFTER_MS + COMMAND_MS_MAX + toMs },
    witness: {
      counters: { ...resets(cut), TcpRetransSegs: [1, 8] },
      evidence: { bytesAcked: [0, 0] },
    },
  }
}

/** Segments with RST that the server's side sent: one when its socket was destroyed. */
function resets(cut: Cut): Readonly<Record<string, Range>> {
  const sent = cut === KILLED_AT_SERVER ? 1 : 0
  return { TcpOutRsts: [sent, sent] }
}
