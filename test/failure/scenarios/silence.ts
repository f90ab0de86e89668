import * as cuts from '../cuts/silence.js'
import type { Cut, Expectation, Family, Scenario, Traffic, Witness } from '../scenario.js'
import type { TopologyKind } from '../topology.js'
import * as traffic from '../traffic.js'
import { aliveWith } from './alive.js'

// The peer vanishes without a word. With nothing of ours outstanding the kernel's probes find out;
// otherwise the liveness clock decides.

const PAIR = [
  cuts.CABLE_PULLED,
  cuts.PEER_CRASHED,
  cuts.BLACKHOLE,
  cuts.WRONG_NEIGHBOUR,
  cuts.PEER_DROPS,
]
const ROUTED = [
  cuts.FORWARDING_STOPS,
  cuts.PATH_DROPS,
  cuts.ROUTER_BLACKHOLE,
  cuts.ROUTER_LINK_DOWN,
]

// From the last segment heard: the kernel's timers are up to 3 % late, and where the probe could not
// be sent at all it tries again after half a second; a busy machine may let the server wait for as
// long. Besides, the promise holds from the cut.
const WINDOW = { since: 'heard', fromMs: 2_900, toMs: 4_650 } as const

const KEEPALIVE: Expectation = {
  reason: 'keepalive-timeout',
  actor: 'network',
  code: 'ETIMEDOUT',
  decidedBy: 'kernel',
}
const SEND: Expectation = {
  reason: 'send-timeout',
  actor: 'network',
  code: 'ETIMEDOUT',
  decidedBy: 'liveness-clock',
}

// The first probe may have left just before the cut; one that could not be sent is counted and repeated.
const PROBES_UNANSWERED: Witness = {
  timers: ['keepalive'],
  counters: { TcpExtTCPKeepAlive: [1, 6], TcpExtTCPTimeouts: [0, 0] },
  evidence: { probes: [2, 2], unackedSegments: [0, 0], retransmits: [0, 0] },
}
// A probe may leave between the cut and what is sent after it; then no more.
const RETRANSMITTED: Witness = {
  // At first 'persist', where the machine's own link takes no segment any more.
  timers: ['on', 'persist'],
  counters: { TcpExtTCPKeepAlive: [0, 2], TcpExtTCPTimeouts: [2, 20] },
  evidence: { unackedSegments: [1, 100], retransmits: [2, 20] },
}
const WINDOW_PROBES_UNANSWERED: Witness = {
  timers: ['persist'],
  counters: { TcpExtTCPKeepAlive: [0, 1], TcpExtTCPWinProbe: [2, 20] },
  evidence: { probes: [2, 20], unackedSegments: [0, 0], bytesUnsent: [1, 2 ** 24] },
}

const NEVER_LEFT: Witness = {
  timers: ['persist'],
  counters: { TcpExtTCPKeepAlive: [0, 1], TcpExtTCPTimeouts: [0, 0] },
  evidence: { probes: [2, 20], unackedSegments: [0, 0], notSentBytes: [1_000, 1_000] },
}

interface Kind {
  what: Traffic
  expect: Expectation
  witness: Witness
  families: readonly Family[]
}

const BOTH = ['v4', 'v6'] as const
const V4 = ['v4'] as const

const idle: Kind = {
  what: traffic.IDLE,
  expect: KEEPALIVE,
  witness: PROBES_UNANSWERED,
  families: BOTH,
}
const inFlight: Kind = {
  what: traffic.IN_FLIGHT,
  expect: SEND,
  witness: RETRANSMITTED,
  families: BOTH,
}
const windowClosed: Kind = {
  what: traffic.WINDOW_CLOSED,
  expect: SEND,
  witness: WINDOW_PROBES_UNANSWERED,
  families: V4,
}
const paused: Kind = { ...idle, what: traffic.PAUSED, families: V4 }
const pausedInFlight: Kind = { ...inFlight, what: traffic.PAUSED_IN_FLIGHT, families: V4 }
const pausedWindow: Kind = { ...windowClosed, what: traffic.PAUSED_WINDOW_CLOSED, families: V4 }

function vanish(
  { what, expect, witness, families }: Kind,
  topology: TopologyKind,
  cut: Cut,
): Scenario {
  return {
    name: `${what.name}: ${cut.name}`,
    topology,
    families,
    policy: traffic.QUICK,
    traffic: what,
    cut,
    expect,
    window: WINDOW,
    witness,
    control: aliveWith(topology, what),
  }
}

const everyWay = (kind: Kind): Scenario[] => [
  ...PAIR.map((cut) => vanish(kind, 'pair', cut)),
  ...ROUTED.map((cut) => vanish(kind, 'routed', cut)),
]
// The state of the connection decides what happens, the recipe does not: one of each kind.
const someWays = (kind: Kind): Scenario[] => [
  vanish(kind, 'pair', cuts.CABLE_PULLED),
  vanish(kind, 'pair', cuts.PEER_DROPS),
  vanish(kind, 'routed', cuts.ROUTER_BLACKHOLE),
]

// IPv4 loses the answer of its own routing; IPv6 keeps it, and it is named when the bound is reached.
const OWN_NETWORK_GONE = { reason: 'unreachable', code: 'ENETUNREACH' } as const

const ownLink = (kind: Kind, family: Family): Scenario => ({
  ...vanish(kind, 'pair', cuts.OWN_LINK_DOWN),
  name: `${kind.what.name}: ${cuts.OWN_LINK_DOWN.name} (${family})`,
  families: [family],
  expect: family === 'v4' ? kind.expect : { ...kind.expect, ...OWN_NETWORK_GONE },
  witness: kind.expect === KEEPALIVE ? kind.witness : NEVER_LEFT,
})

export const silence: readonly Scenario[] = [
  ...everyWay(idle),
  ownLink(idle, 'v4'),
  ownLink(idle, 'v6'),
  vanish(paused, 'pair', cuts.CABLE_PULLED),
  vanish(paused, 'pair', cuts.PEER_DROPS),
  ownLink(paused, 'v4'),
  ...everyWay({ ...inFlight, families: V4 }).filter(({ cut }) => cut !== cuts.CABLE_PULLED),
  vanish(inFlight, 'pair', cuts.CABLE_PULLED),
  ownLink(inFlight, 'v4'),
  ownLink(inFlight, 'v6'),
  vanish(pausedInFlight, 'pair', cuts.PEER_DROPS),
  vanish(pausedInFlight, 'routed', cuts.ROUTER_BLACKHOLE),
  ...someWays(windowClosed),
  vanish(pausedWindow, 'pair', cuts.PEER_DROPS),
  vanish({ ...inFlight, what: traffic.MUCH_IN_FLIGHT, families: V4 }, 'pair', cuts.PEER_DROPS),
  vanish({ ...inFlight, what: traffic.FIN_IN_FLIGHT, families: V4 }, 'pair', cuts.PEER_DROPS),
  vanish({ ...idle, what: traffic.HALF_CLOSED }, 'pair', cuts.PEER_DROPS),
  vanish({ ...paused, what: traffic.PAUSED_HALF_CLOSED }, 'pair', cuts.PEER_DROPS),
  vanish(
    { ...inFlight, what: traffic.HALF_CLOSED_THEN_DATA, families: V4 },
    'pair',
    cuts.PEER_DROPS,
  ),
  {
    // Caught between two sips, its window may be open or closed. Not the peer that drops what arrives:
    // its next sip would open the window again, and be heard.
    ...vanish({ ...windowClosed, what: traffic.SLOW_READER }, 'pair', cuts.CABLE_PULLED),
    witness: { counters: { TcpExtTCPKeepAlive: [0, 1] }, evidence: { bytesUnsent: [1, 2 ** 24] } },
  },
]
