import { QUEUE_REFUSES } from '../cuts/own-queue.js'
import type { Scenario } from '../scenario.js'
import { IDLE, IN_FLIGHT, PAUSED_IN_FLIGHT, QUICK } from '../traffic.js'

// Where the bound ends. A probe that this machine's own queue refuses was never asked: the kernel
// does not count it and makes it again after half a second (tcp_keepalive_timer), for as long as
// that lasts. With data outstanding the clock decides: it counts attempts.

const RESTORED_AFTER_MS = 5_500
const HOLD_MS = 8_000

// A probe after the return has to fit in.
const ROOM_MS = 1_500

const outstanding = (traffic: typeof IN_FLIGHT): Scenario => ({
  name: `${traffic.name}: ${QUEUE_REFUSES.name}`,
  topology: 'pair',
  families: ['v4', 'v6'],
  policy: QUICK,
  traffic,
  cut: QUEUE_REFUSES,
  expect: {
    reason: 'send-timeout',
    actor: 'network',
    code: 'ETIMEDOUT',
    decidedBy: 'liveness-clock',
  },
  window: { since: 'heard', fromMs: 2_900, toMs: 4_650 },
  // The kernel tries as if the window were closed, and nothing counts as sent.
  witness: {
    timers: ['persist', 'keepalive'],
    counters: { TcpRetransSegs: [0, 0] },
    evidence: { probes: [2, 20], unackedSegments: [0, 0], notSentBytes: [1_000, 1_000] },
  },
})

export const ownQueue: readonly Scenario[] = [
  {
    name: `idle: ${QUEUE_REFUSES.name} for ${RESTORED_AFTER_MS} ms`,
    topology: 'pair',
    families: ['v4', 'v6'],
    policy: QUICK,
    traffic: IDLE,
    cut: QUEUE_REFUSES,
    undoAfterMs: RESTORED_AFTER_MS,
    roomMs: ROOM_MS,
    expect: null,
    holdMs: HOLD_MS,
    // Two a second meanwhile, one a second otherwise.
    witness: { timers: ['keepalive'], counters: { TcpExtTCPKeepAlive: [9, 20] } },
  },
  outstanding(IN_FLIGHT),
  outstanding(PAUSED_IN_FLIGHT),
]
