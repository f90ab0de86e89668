import {
  ABORTED_UNHEARD,
  FORGETS,
  KILLED_UNHEARD,
  NEW_MACHINE,
  rebootsAfterSilence,
} from '../cuts/reboot.js'
import type { Cut, Expectation, Scenario, Traffic } from '../scenario.js'
import { IDLE, IN_FLIGHT, PAUSED, PAUSED_IN_FLIGHT, PAUSED_UNREAD, STEADY } from '../traffic.js'

// A rebooted peer answers with RST whatever reaches it first: a probe, data, a retransmission.

const RECIPES = [FORGETS, KILLED_UNHEARD, ABORTED_UNHEARD, NEW_MACHINE]

const RESET: Expectation = {
  reason: 'peer-reset',
  actor: 'peer',
  code: 'ECONNRESET',
  decidedBy: 'kernel',
}

// A probe is due within a second. One that falls into the making of the cut is lost, and the next
// one finds out; a busy machine may let the server wait.
const PROBE_MS_MAX = 2_800

// A paused connection on uv is looked at every 500 ms.
const PAUSED_MS_MAX = PROBE_MS_MAX + 500

/** Nothing is on its way: the next probe finds out. */
const foundByProbe =
  (traffic: Traffic, toMs: number) =>
  (cut: Cut): Scenario => ({
    name: `${traffic.name}: ${cut.name}`,
    topology: 'pair',
    families: traffic === IDLE ? ['v4', 'v6'] : ['v4'],
    policy: STEADY,
    traffic,
    cut,
    expect: RESET,
    window: { since: 'cut', fromMs: 0, toMs },
    witness: {
      counters: { TcpExtTCPKeepAlive: [1, 8], TcpRetransSegs: [0, 0] },
      evidence: { probes: [1, 3], retransmits: [0, 0] },
    },
  })

// A round trip; a link that has only just come back may lose the first segments.
const DATA_MS_MAX = 2_000

/** The server writes to a peer that has forgotten it. */
const foundByData = (cut: Cut): Scenario => ({
  name: `data sent afterwards: ${cut.name}`,
  topology: 'pair',
  families: ['v4'],
  policy: STEADY,
  traffic: IN_FLIGHT,
  cut,
  expect: RESET,
  window: { since: 'cut', fromMs: 0, toMs: DATA_MS_MAX },
  witness: { counters: { TcpRetransSegs: [0, 4] }, evidence: { bytesAcked: [0, 0] } },
})

/** Data is unacknowledged when the peer comes back: the next retransmission finds out. */
const foundByRetransmission =
  (traffic: Traffic, toMs: number) =>
  (recipe: Cut): Scenario => ({
    name: `${traffic.name}: ${rebootsAfterSilence(recipe).name}`,
    topology: 'pair',
    families: traffic === IN_FLIGHT ? ['v4', 'v6'] : ['v4'],
    policy: STEADY,
    traffic,
    cut: rebootsAfterSilence(recipe),
    undoAfterMs: BACK_AFTER_MS,
    roomMs: ROOM_MS,
    expect: RESET,
    window: { since: 'cut', fromMs: BACK_AFTER_MS, toMs },
    witness: {
      counters: { TcpRetransSegs: [1, 10] },
      evidence: { retransmits: [1, 8], bytesAcked: [0, 0] },
    },
  })

const BACK_AFTER_MS = 500

// Last heard up to a second before the cut, found out up to a second after the return, and in time
// before the clock's 5 s.
const ROOM_MS = 2_000

// Retransmissions go out 0.2, 0.6 and 1.4 s after the data, then each second (TCP_RTO_MAX_MS).
const RETRANSMISSION_MS_MAX = 4_200

export const reboot: readonly Scenario[] = [
  ...RECIPES.map(foundByProbe(IDLE, PROBE_MS_MAX)),
  ...RECIPES.map(foundByData),
  ...RECIPES.map(foundByRetransmission(IN_FLIGHT, RETRANSMISSION_MS_MAX)),
  foundByProbe(PAUSED, PAUSED_MS_MAX)(FORGETS),
  unread(foundByProbe(PAUSED_UNREAD, PAUSED_MS_MAX)(FORGETS)),
  foundByRetransmission(PAUSED_IN_FLIGHT, RETRANSMISSION_MS_MAX + 500)(FORGETS),
]

/** What the kernel had and the paused handler had not is counted. */
function unread(dead: Scenario): Scenario {
  const { evidence, ...rest } = dead.witness
  return { ...dead, witness: { ...rest, evidence: { ...evidence, bytesUnread: [500, 500] } } }
}
