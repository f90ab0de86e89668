import {
  BLACKHOLE,
  CABLE_PULLED,
  FORWARDING_STOPS,
  OWN_LINK_DOWN,
  PATH_DROPS,
  PEER_CRASHED,
  PEER_DROPS,
  ROUTER_BLACKHOLE,
  ROUTER_LINK_DOWN,
  WRONG_NEIGHBOUR,
} from '../cuts/silence.js'
import type { Cut, Expectation, Family, Scenario, Witness } from '../scenario.js'
import { IDLE, QUICK } from '../traffic.js'

const PAIR = [CABLE_PULLED, PEER_CRASHED, BLACKHOLE, WRONG_NEIGHBOUR, PEER_DROPS]
const ROUTED = [FORWARDING_STOPS, PATH_DROPS, ROUTER_BLACKHOLE, ROUTER_LINK_DOWN]

const idle =
  (topology: 'pair' | 'routed') =>
  (cut: Cut): Scenario => ({
    name: `idle: ${cut.name}`,
    topology,
    families: ['v4', 'v6'],
    policy: QUICK,
    traffic: IDLE,
    cut,
    expect: {
      reason: 'keepalive-timeout',
      actor: 'network',
      code: 'ETIMEDOUT',
      decidedBy: 'kernel',
    },
    window: { since: 'heard', fromMs: 2_900, toMs: 4_150 },
    witness: PROBES_UNANSWERED,
    control: `alive and idle (${topology})`,
  })

const OWN_NETWORK_GONE: Expectation = {
  reason: 'unreachable',
  actor: 'network',
  code: 'ENETUNREACH',
  decidedBy: 'kernel',
}

const PROBES_UNANSWERED: Witness = {
  timer: 'keepalive',
  counters: { TcpExtTCPKeepAlive: [2, 3], TcpExtTCPTimeouts: [0, 0] },
  evidence: { probes: [2, 2], unackedSegments: [0, 0], retransmits: [0, 0] },
}

// IPv4 loses the answer of its own routing; IPv6 keeps it, and the kernel names it when it gives up.
const ownLink = (family: Family): Scenario => ({
  ...idle('pair')(OWN_LINK_DOWN),
  name: `idle: ${OWN_LINK_DOWN.name} (${family})`,
  families: [family],
  ...(family === 'v4' ? {} : { expect: OWN_NETWORK_GONE }),
})

export const silence: readonly Scenario[] = [
  ownLink('v4'),
  ownLink('v6'),
  ...PAIR.map(idle('pair')),
  ...ROUTED.map(idle('routed')),
]
