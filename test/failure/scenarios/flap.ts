import { FAR_FLAP, PEER_FLAP, SERVER_FLAP } from '../cuts/flap.js'
import type { Cut, Expectation, Scenario, Traffic, Witness } from '../scenario.js'
import { IDLE, IN_FLIGHT, PAUSED, PAUSED_IN_FLIGHT, STEADY } from '../traffic.js'

// The bound is 5 s: probes 1, 2, 3 and 4 s after the peer was last heard, the verdict after 5 s. Who
// is back for one of the probes is kept; who comes back after the last is ended all the same. A
// probe that the server's own device refuses does not count and is made again after half a second
// (tcp_keepalive_timer of Linux), so a scenario that has to come between two probes breaks the link
// elsewhere.

const SHORT_MS = 1_300
const AFTER_LAST_PROBE_MS = 4_400
const LONG_MS = 6_500

// Who has to be back must be so before the last probe, 4 s after the peer was last heard, which was up
// to a second before the cut. Who has to be away that long is none the worse for more of it.
const BACK_ROOM_MS = 1_500
const AWAY_ROOM_MS = 1_500

// Of a kept connection: longer than the bound of a dead one, and than a link that comes back late.
const HOLD_MS = 7_000

const BOTH = ['v4', 'v6'] as const

const shape = (traffic: Traffic, cut: Cut, undoAfterMs: number) => ({
  topology: cut === FAR_FLAP ? ('routed' as const) : ('pair' as const),
  families: BOTH,
  policy: STEADY,
  traffic,
  cut,
  undoAfterMs,
})

const kept = (traffic: Traffic, cut: Cut, witness: Witness): Scenario => ({
  name: `${traffic.name}: ${cut.name} within ${SHORT_MS} ms`,
  ...shape(traffic, cut, SHORT_MS),
  roomMs: BACK_ROOM_MS,
  expect: null,
  holdMs: HOLD_MS,
  witness,
})

const ended = (
  traffic: Traffic,
  cut: Cut,
  undoAfterMs: number,
  [expect, witness]: readonly [Expectation, Witness],
): Scenario => ({
  name: `${traffic.name}: ${cut.name} after ${undoAfterMs} ms`,
  ...shape(traffic, cut, undoAfterMs),
  roomMs: AWAY_ROOM_MS,
  expect,
  window: { since: 'heard', fromMs: 4_900, toMs: 6_800 },
  witness,
})

const PROBED: Witness = { timers: ['keepalive'], counters: { TcpExtTCPKeepAlive: [4, 12] } }

/** Something was lost, and keepalive is in charge again afterwards. */
const RETRANSMITTED: Witness = {
  counters: { TcpRetransSegs: [1, 12], TcpExtTCPKeepAlive: [1, 8] },
}

const NETWORK = { actor: 'network', code: 'ETIMEDOUT' } as const

const UNANSWERED = [
  { ...NETWORK, reason: 'keepalive-timeout', decidedBy: 'kernel' },
  {
    timers: ['keepalive'],
    counters: { TcpExtTCPKeepAlive: [4, 12], TcpRetransSegs: [0, 0] },
    evidence: { probes: [4, 4], unackedSegments: [0, 0] },
  },
] as const

const LOST: Witness = {
  evidence: { unackedSegments: [1, 1], retransmits: [2, 40], bytesAcked: [0, 0] },
}

const UNACKNOWLEDGED = [
  { ...NETWORK, reason: 'send-timeout', decidedBy: 'liveness-clock' },
  LOST,
] as const

/** The router answered what was sent. */
const REFUSED = [
  { ...NETWORK, reason: 'unreachable', code: 'ENETUNREACH', decidedBy: 'liveness-clock' },
  LOST,
] as const

export const flap: readonly Scenario[] = [
  kept(IDLE, PEER_FLAP, PROBED),
  kept(IDLE, SERVER_FLAP, PROBED),
  kept(IDLE, FAR_FLAP, PROBED),
  kept(IN_FLIGHT, FAR_FLAP, RETRANSMITTED),
  kept(PAUSED, PEER_FLAP, PROBED),
  kept(PAUSED_IN_FLIGHT, FAR_FLAP, RETRANSMITTED),
  ended(IDLE, FAR_FLAP, AFTER_LAST_PROBE_MS, UNANSWERED),
  ended(IDLE, PEER_FLAP, LONG_MS, UNANSWERED),
  ended(IN_FLIGHT, PEER_FLAP, LONG_MS, UNACKNOWLEDGED),
  ended(IN_FLIGHT, FAR_FLAP, LONG_MS, REFUSED),
  ended(PAUSED, PEER_FLAP, LONG_MS, UNANSWERED),
  ended(PAUSED_IN_FLIGHT, PEER_FLAP, LONG_MS, UNACKNOWLEDGED),
]
