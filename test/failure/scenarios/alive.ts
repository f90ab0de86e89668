import type { Family, Scenario, Traffic, Witness } from '../scenario.js'
import type { TopologyKind } from '../topology.js'
import * as traffic from '../traffic.js'

// Peers that live: nothing may be reported. Each is the control of the dead scenarios with the same
// topology, policy and traffic, and kept for longer than their bound: 4.15 s with the quick policy,
// 6.25 s with the user timeout.
const HOLD_MS = 4_500
const USER_TIMEOUT_HOLD_MS = 6_500
// The bound of the quick policy is 3 s.
const TEN_TIMES_MS = 30_000

const BOTH = ['v4', 'v6'] as const
const V4 = ['v4'] as const

// How often is a matter of time, and a busy machine takes its own.
const MANY = 1_000

const PROBED: Witness = { timers: ['keepalive'], counters: { TcpExtTCPKeepAlive: [3, MANY] } }
// Until what was sent is acknowledged, the timer is that of retransmissions.
const ANSWERED: Witness = {
  timers: ['keepalive', 'on'],
  counters: { ...PROBED.counters, TcpExtTCPTimeouts: [0, 0] },
}
const WINDOW_PROBED: Witness = {
  timers: ['persist'],
  counters: { TcpExtTCPWinProbe: [2, MANY], TcpExtTCPKeepAlive: [0, 0] },
}

// Until the window is full, the timer is that of retransmissions.
const CLOSING: Witness = {
  timers: ['persist', 'on'],
  counters: { TcpExtTCPWinProbe: [2, MANY], TcpExtTCPAbortOnTimeout: [0, 0] },
}

/** The name of the control for this topology and traffic, as `alive` declares it below. */
export function aliveWith(topology: TopologyKind, { name }: Traffic): string {
  return `alive: ${name} (${topology})`
}

const held =
  (witness: Witness, families: readonly Family[], what: Traffic) =>
  (topology: TopologyKind): Scenario => ({
    name: aliveWith(topology, what),
    topology,
    families,
    policy: traffic.QUICK,
    traffic: what,
    cut: null,
    expect: null,
    holdMs: HOLD_MS,
    witness,
  })

const PLACES = ['pair', 'routed'] as const

export const alive: readonly Scenario[] = [
  ...PLACES.map(held(PROBED, BOTH, traffic.IDLE)),
  held(PROBED, V4, traffic.PAUSED)('pair'),
  ...PLACES.map(held(ANSWERED, BOTH, traffic.IN_FLIGHT)),
  ...PLACES.map(held(ANSWERED, V4, traffic.PAUSED_IN_FLIGHT)),
  ...PLACES.map(held(WINDOW_PROBED, V4, traffic.WINDOW_CLOSED)),
  held(WINDOW_PROBED, V4, traffic.PAUSED_WINDOW_CLOSED)('pair'),
  held(ANSWERED, V4, traffic.MUCH_IN_FLIGHT)('pair'),
  held(ANSWERED, V4, traffic.FIN_IN_FLIGHT)('pair'),
  held(PROBED, BOTH, traffic.HALF_CLOSED)('pair'),
  held(ANSWERED, V4, traffic.HALF_CLOSED_THEN_DATA)('pair'),
  held(PROBED, V4, traffic.PAUSED_HALF_CLOSED)('pair'),
  held(PROBED, V4, traffic.UNREAD)('pair'),
  {
    ...held({ counters: { TcpExtTCPKeepAlive: [0, 0] } }, V4, traffic.SLOW_READER)('pair'),
    holdMs: TEN_TIMES_MS,
  },
  {
    ...held(WINDOW_PROBED, V4, traffic.WINDOW_CLOSED)('pair'),
    name: 'alive: window closed for ten times the bound',
    holdMs: TEN_TIMES_MS,
  },
]

/** What an explicit user timeout ends is kept without it: 6.25 s is the bound of both. */
export const aliveWithoutUserTimeout: Scenario = {
  ...held(CLOSING, V4, traffic.WINDOW_CLOSES)('pair'),
  name: 'alive: window closes, without a user timeout',
  policy: traffic.PATIENT,
  holdMs: USER_TIMEOUT_HOLD_MS,
}

export const aliveWithUserTimeout: readonly Scenario[] = [traffic.IDLE, traffic.IN_FLIGHT].map(
  (what) => ({
    ...held(
      { timers: ['keepalive', 'on'], counters: { TcpExtTCPKeepAlive: [1, MANY] } },
      V4,
      what,
    )('pair'),
    name: `alive: ${what.name}, with a user timeout`,
    policy: traffic.USER_TIMEOUT,
    holdMs: USER_TIMEOUT_HOLD_MS,
  }),
)
