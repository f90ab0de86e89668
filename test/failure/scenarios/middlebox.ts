import { FIREWALL, forgetsAfter, NAT } from '../cuts/middlebox.js'
import type { Expectation, Middlebox, Scenario, Step, Traffic, Witness } from '../scenario.js'
import { PATIENT, QUICK } from '../traffic.js'

// A router that forgets after 2 s of silence. A policy that probes each second never lets it; one
// that waits 4 s is found forgotten by the first probe.

const FORGETS = forgetsAfter(2)
const SEEN_MS = 1_000

/** One segment, so that the router counts from now. */
const TOUCH: readonly Step[] = [
  { at: 'peer', do: 'send', bytes: 10 },
  { at: 'server', received: 10 },
]

const TOUCHED: Traffic = { name: 'idle after a last word', after: TOUCH }

/** The application is silent for longer than the router remembers, then has something to say. */
const SPEAKS_LATE: Traffic = {
  name: 'idle, then data',
  after: [...TOUCH, { at: 'both', idleMs: 2_300 }, { at: 'server', do: 'write', bytes: 1_000 }],
}

/** Paused after the last word, which it would not hear otherwise. */
const PAUSED: Traffic = {
  name: `${TOUCHED.name}, paused`,
  after: [...TOUCH, { at: 'server', do: 'pause' }],
}

const BOXES = [FIREWALL, NAT]

/** Its probes keep the record alive, for many times the router's memory. */
const below = (middlebox: Middlebox): Scenario => ({
  name: `${TOUCHED.name}: ${middlebox.name}, ${FORGETS.name}; probes come sooner`,
  topology: 'routed',
  middlebox,
  families: ['v4', 'v6'],
  policy: QUICK,
  traffic: TOUCHED,
  cut: FORGETS,
  expect: null,
  holdMs: 7_000,
  witness: {
    timers: ['keepalive'],
    counters: { TcpExtTCPKeepAlive: [5, 8], TcpEstabResets: [0, 0] },
  },
})

const SILENCE: Expectation = { reason: 'keepalive-timeout', actor: 'network', code: 'ETIMEDOUT' }
const UNACKNOWLEDGED: Expectation = { reason: 'send-timeout', actor: 'network', code: 'ETIMEDOUT' }
const RESET: Expectation = { reason: 'peer-reset', actor: 'peer', code: 'ECONNRESET' }

interface Above {
  middlebox: Middlebox
  traffic: Traffic
  expect: Expectation
  fromMs: number
  toMs: number
  witness: Witness
}

const above = ({ middlebox, traffic, expect, fromMs, toMs, witness }: Above): Scenario => ({
  name: `${traffic.name}: ${middlebox.name}, ${FORGETS.name}; probes come later`,
  topology: 'routed',
  middlebox,
  families: traffic === PAUSED ? ['v4'] : ['v4', 'v6'],
  policy: PATIENT,
  traffic,
  cut: FORGETS,
  expect,
  window: { since: 'cut', fromMs, toMs: toMs + SEEN_MS },
  witness,
})

const byProbe = (probes: number): Witness => ({
  timers: ['keepalive'],
  counters: { TcpExtTCPKeepAlive: [probes, probes + 1], TcpRetransSegs: [0, 0] },
  evidence: { probes: [probes, probes], retransmits: [0, 0], unackedSegments: [0, 0] },
})

const byData: Witness = {
  counters: { TcpExtTCPKeepAlive: [0, 0] },
  evidence: { probes: [0, 0], bytesAcked: [0, 0] },
}

export const middlebox: readonly Scenario[] = [
  ...BOXES.map(below),
  ...[TOUCHED, PAUSED].flatMap((traffic) => [
    above({
      middlebox: FIREWALL,
      traffic,
      expect: SILENCE,
      fromMs: 5_900,
      toMs: 6_300,
      witness: byProbe(2),
    }),
    above({
      middlebox: NAT,
      traffic,
      expect: RESET,
      fromMs: 3_900,
      toMs: 4_700,
      witness: byProbe(1),
    }),
  ]),
  above({
    middlebox: FIREWALL,
    traffic: SPEAKS_LATE,
    expect: UNACKNOWLEDGED,
    fromMs: 5_900,
    toMs: 6_300,
    witness: byData,
  }),
  above({
    middlebox: NAT,
    traffic: SPEAKS_LATE,
    expect: RESET,
    fromMs: 2_200,
    toMs: 3_500,
    witness: byData,
  }),
]
