import { PEER_DROPS } from '../cuts/silence.js'
import type { Scenario } from '../scenario.js'
import * as traffic from '../traffic.js'
import { aliveWithoutUserTimeout, aliveWithUserTimeout } from './alive.js'

// TCP_USER_TIMEOUT (tcp(7), RFC 5482) is the caller's choice: with 2 s the kernel decides before the
// liveness clock. It ends the probing too, whatever their count, and it knows no slow readers.

const V4 = ['v4'] as const
const base = { topology: 'pair', families: V4, policy: traffic.USER_TIMEOUT } as const

export const userTimeout: readonly Scenario[] = [
  ...aliveWithUserTimeout,
  aliveWithoutUserTimeout,
  {
    ...base,
    name: `with a user timeout, idle: ${PEER_DROPS.name}`,
    traffic: traffic.IDLE,
    cut: PEER_DROPS,
    expect: {
      reason: 'keepalive-timeout',
      actor: 'network',
      code: 'ETIMEDOUT',
      decidedBy: 'kernel',
    },
    // One probe after 4 s; at the next tick the user timeout is long over, so no second one.
    window: { since: 'heard', fromMs: 4_800, toMs: 5_800 },
    witness: {
      timers: ['keepalive'],
      counters: { TcpExtTCPKeepAlive: [1, 1] },
      evidence: { probes: [1, 1] },
    },
    control: `alive: ${traffic.IDLE.name}, with a user timeout`,
  },
  {
    ...base,
    name: `with a user timeout, data in flight: ${PEER_DROPS.name}`,
    traffic: traffic.IN_FLIGHT,
    cut: PEER_DROPS,
    expect: { reason: 'send-timeout', actor: 'network', code: 'ETIMEDOUT', decidedBy: 'kernel' },
    window: { since: 'cut', fromMs: 1_900, toMs: 3_500 },
    witness: {
      timers: ['on'],
      counters: { TcpExtTCPTimeouts: [2, 10], TcpExtTCPAbortOnTimeout: [1, 1] },
    },
    control: `alive: ${traffic.IN_FLIGHT.name}, with a user timeout`,
  },
  {
    // The price: nobody has gone.
    ...base,
    name: 'with a user timeout, window closes: a live peer is ended',
    traffic: traffic.WINDOW_CLOSES,
    cut: null,
    expect: { reason: 'send-timeout', actor: 'network', code: 'ETIMEDOUT', decidedBy: 'kernel' },
    window: { since: 'cut', fromMs: 1_900, toMs: 4_500 },
    witness: { timers: ['persist', 'on'], counters: { TcpExtTCPAbortOnTimeout: [1, 1] } },
    control: aliveWithoutUserTimeout.name,
  },
]
