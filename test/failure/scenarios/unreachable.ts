import { NO_ROUTE, PORT_REJECTED, routerSays } from '../cuts/unreachable.js'
import type { Cut, Family, Scenario, Witness } from '../scenario.js'
import * as traffic from '../traffic.js'
import { aliveWith } from './alive.js'

// A router says that the peer cannot be reached. Linux drops the ICMP answer to an idle probe, as out
// of window: it looks like silence. With data outstanding the answer is remembered, and named when the
// liveness clock decides.

const WINDOW = { since: 'heard', fromMs: 2_900, toMs: 4_650 } as const

// ICMP answers arrived, and what they said was not acted upon before the bound.
const ANSWERED_BY_ICMP = {
  v4: { IcmpInDestUnreachs: [1, 40] },
  v6: { Icmp6InDestUnreachs: [1, 40] },
} as const

const base = (cut: Cut) =>
  ({ topology: 'routed', policy: traffic.QUICK, cut, window: WINDOW }) as const

const idle = (cut: Cut, family: Family): Scenario => ({
  ...base(cut),
  name: `idle: ${cut.name} (${family})`,
  families: [family],
  traffic: traffic.IDLE,
  expect: { reason: 'keepalive-timeout', actor: 'network', code: 'ETIMEDOUT', decidedBy: 'kernel' },
  witness: {
    timers: ['keepalive'],
    counters: { ...ANSWERED_BY_ICMP[family], TcpExtOutOfWindowIcmps: [1, 40] },
    evidence: { probes: [2, 2] },
  },
  control: aliveWith('routed', traffic.IDLE),
})

const IN_FLIGHT: Witness = { timers: ['on'], evidence: { unackedSegments: [1, 10] } }

const inFlight = (cut: Cut, family: Family, code: string, what = traffic.IN_FLIGHT): Scenario => ({
  ...base(cut),
  name: `${what.name}: ${cut.name} (${family})`,
  families: [family],
  traffic: what,
  expect: { reason: 'unreachable', actor: 'network', code, decidedBy: 'liveness-clock' },
  witness: { ...IN_FLIGHT, counters: ANSWERED_BY_ICMP[family] },
  control: aliveWith('routed', what),
})

const windowClosed = (cut: Cut): Scenario => ({
  ...base(cut),
  name: `${traffic.WINDOW_CLOSED.name}: ${cut.name}`,
  families: ['v4'],
  traffic: traffic.WINDOW_CLOSED,
  expect: {
    reason: 'send-timeout',
    actor: 'network',
    code: 'ETIMEDOUT',
    decidedBy: 'liveness-clock',
  },
  // A window probe lies out of the window too.
  witness: { timers: ['persist'], counters: { TcpExtOutOfWindowIcmps: [1, 40] } },
  control: aliveWith('routed', traffic.WINDOW_CLOSED),
})

const UNREACHABLE = routerSays('unreachable')
const PROHIBITED = routerSays('prohibit')

export const unreachable: readonly Scenario[] = [
  idle(UNREACHABLE, 'v4'),
  idle(UNREACHABLE, 'v6'),
  idle(PROHIBITED, 'v4'),
  idle(NO_ROUTE, 'v4'),
  idle(PORT_REJECTED, 'v4'),
  idle(PORT_REJECTED, 'v6'),
  inFlight(UNREACHABLE, 'v4', 'EHOSTUNREACH'),
  // Linux answers for a route of this kind with “no route” (ICMPv6 type 1, code 0).
  inFlight(UNREACHABLE, 'v6', 'ENETUNREACH'),
  inFlight(UNREACHABLE, 'v4', 'EHOSTUNREACH', traffic.PAUSED_IN_FLIGHT),
  inFlight(PROHIBITED, 'v4', 'EHOSTUNREACH'),
  inFlight(PROHIBITED, 'v6', 'EACCES'),
  inFlight(NO_ROUTE, 'v4', 'ENETUNREACH'),
  inFlight(NO_ROUTE, 'v6', 'ENETUNREACH'),
  inFlight(PORT_REJECTED, 'v4', 'ECONNREFUSED'),
  inFlight(PORT_REJECTED, 'v6', 'ECONNREFUSED'),
  windowClosed(UNREACHABLE),
]
