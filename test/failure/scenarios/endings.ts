import { PEER_ABORTS, PEER_CLOSES, PEER_KILLED, PEER_SHUTS_DOWN } from '../cuts/endings.js'
import type { Cut, Expectation, Scenario, Traffic, Witness } from '../scenario.js'
import * as traffic from '../traffic.js'
import { aliveWith } from './alive.js'

// The peer's kernel says that it goes: the report is there at once, whatever the policy.

// One turn of the server, which a busy machine may let wait for half a second and more.
const AT_ONCE_MS = 1_000

// On uv, a connection that does not read is looked at every 500 ms.
const LOOK_MS = 500
const READING: readonly Traffic[] = [traffic.IDLE, traffic.UNREAD]

const V4 = ['v4'] as const

const ENDED: Expectation = { reason: 'peer-end', actor: 'peer', code: null }
const RESET: Expectation = {
  reason: 'peer-reset',
  actor: 'peer',
  code: 'ECONNRESET',
  decidedBy: 'kernel',
}

// The kernel counts connections that left ESTABLISHED or CLOSE-WAIT for CLOSED (RFC 4022).
const BY_FIN: Witness = { counters: { TcpEstabResets: [0, 0], TcpExtTCPKeepAlive: [0, 2] } }
const BY_RST: Witness = { counters: { TcpEstabResets: [1, 1], TcpExtTCPKeepAlive: [0, 2] } }

function ending(what: Traffic, cut: Cut, expect: Expectation, witness: Witness): Scenario {
  return {
    name: `${what.name}: ${cut.name}`,
    topology: 'pair',
    families: V4,
    policy: traffic.QUICK,
    traffic: what,
    cut,
    expect,
    window: {
      since: 'cut',
      fromMs: 0,
      toMs: AT_ONCE_MS + (READING.includes(what) ? 0 : LOOK_MS),
    },
    witness,
    control: aliveWith('pair', what),
  }
}

export const endings: readonly Scenario[] = [
  ending(traffic.IDLE, PEER_CLOSES, ENDED, BY_FIN),
  ending(traffic.IDLE, PEER_SHUTS_DOWN, ENDED, BY_FIN),
  ending(traffic.IDLE, PEER_KILLED, ENDED, BY_FIN),
  { ...ending(traffic.IDLE, PEER_ABORTS, RESET, BY_RST), families: ['v4', 'v6'] },
  ending(traffic.UNREAD, PEER_KILLED, RESET, BY_RST),
  ending(traffic.UNREAD, PEER_CLOSES, RESET, BY_RST),
  ending(traffic.HALF_CLOSED, PEER_ABORTS, { ...RESET, code: 'EPIPE' }, BY_RST),
  ending(traffic.HALF_CLOSED_THEN_DATA, PEER_CLOSES, { ...RESET, code: 'EPIPE' }, BY_RST),
  ending(traffic.PAUSED, PEER_ABORTS, RESET, BY_RST),
  ending(traffic.PAUSED_HALF_CLOSED, PEER_ABORTS, { ...RESET, code: 'EPIPE' }, BY_RST),
  ending(traffic.WINDOW_CLOSED, PEER_ABORTS, RESET, BY_RST),
]
