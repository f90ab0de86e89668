import { STOPPED } from '../cuts/killed.js'
import type { Scenario, Traffic, Witness } from '../scenario.js'
import { IDLE, IN_FLIGHT, MUCH_IN_FLIGHT } from '../traffic.js'

// A process that is stopped, or stuck: its kernel answers for it, so keepalive has nothing to report
// (RFC 1122, 4.2.3.6 asks the host and not the application). Only a rule of the application finds it.

/** A detection time of 2 s, so that a scenario sees four of them. */
const SHORTEST = { idleMs: 1_000, intervalMs: 1_000, count: 1 } as const
const HOLD_MS = 8_000

// Above the detection time, and so far below its bound that a busy machine may be late.
const RULE_MS = 2_200
const BEAT_MS = 300

// The rule is a timer of the server's, which a busy machine may let wait.
const LATE_MS = 1_000

/** The peer says something all the time, and the server's application waits for it. */
const BEATING: Traffic = {
  name: 'a beating peer and an idle rule',
  idleRuleMs: RULE_MS,
  before: [
    { at: 'peer', do: 'beat', bytes: 10, everyMs: BEAT_MS },
    { at: 'server', received: 20 },
  ],
}

/** More than the stopped process takes: its window closes, and its kernel answers each window probe. */
const TOO_MUCH: Traffic = {
  ...MUCH_IN_FLIGHT,
  name: 'more than a small window takes',
  peerReceiveBytes: 16 * 1024,
}

const PROBED: Witness = {
  counters: { TcpExtTCPKeepAlive: [6, 9], TcpRetransSegs: [0, 1] },
}

const WINDOW_PROBED: Witness = {
  timers: ['persist', 'on'],
  counters: { TcpExtTCPKeepAlive: [0, 1], TcpExtTCPWinProbe: [4, 20] },
}

const unseen = (traffic: Traffic, witness: Witness): Scenario => ({
  name: `${traffic.name}: ${STOPPED.name}, no rule of the application`,
  topology: 'pair',
  families: ['v4', 'v6'],
  policy: SHORTEST,
  traffic,
  cut: STOPPED,
  expect: null,
  holdMs: HOLD_MS,
  witness,
})

const CONTROL = `control: ${BEATING.name}`

export const stopped: readonly Scenario[] = [
  unseen(IDLE, PROBED),
  unseen(IN_FLIGHT, PROBED),
  unseen(TOO_MUCH, WINDOW_PROBED),
  {
    name: `${BEATING.name}: ${STOPPED.name}`,
    topology: 'pair',
    families: ['v4', 'v6'],
    policy: SHORTEST,
    traffic: BEATING,
    cut: STOPPED,
    expect: { reason: 'local-abort', actor: 'local', code: null },
    window: { since: 'cut', fromMs: RULE_MS - BEAT_MS - 200, toMs: RULE_MS + LATE_MS },
    witness: {
      timers: ['keepalive'],
      counters: { TcpExtTCPKeepAlive: [1, 3] },
      // No data for as long as the rule says, and an answer of the kernel's within a probe's time.
      evidence: {
        probes: [0, 0],
        lastDataReceivedMs: [RULE_MS - 20, RULE_MS + LATE_MS],
        lastAckReceivedMs: [0, 1_200],
      },
    },
    control: CONTROL,
  },
  {
    name: CONTROL,
    topology: 'pair',
    families: ['v4', 'v6'],
    policy: SHORTEST,
    traffic: BEATING,
    cut: null,
    expect: null,
    holdMs: 2 * RULE_MS,
    // A beat that comes a second late is asked for.
    witness: { counters: { TcpExtTCPKeepAlive: [0, 3] } },
  },
]
