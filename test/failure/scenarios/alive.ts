import type { Scenario } from '../scenario.js'
import { IDLE, QUICK } from '../traffic.js'

// Peers that live: nothing may be reported. Each is the control of the dead scenarios with the same
// topology, policy and traffic. They are kept for longer than the bound of those, which is 4.15 s.
const HOLD_MS = 4_500

const BOTH = ['v4', 'v6'] as const
const PROBED = { TcpExtTCPKeepAlive: [3, 6] } as const

export const alive: readonly Scenario[] = (['pair', 'routed'] as const).flatMap(
  (topology) =>
    [
      {
        name: `alive and idle (${topology})`,
        topology,
        families: BOTH,
        policy: QUICK,
        traffic: IDLE,
        cut: null,
        expect: null,
        holdMs: HOLD_MS,
        witness: { timer: 'keepalive', counters: PROBED },
      },
    ] satisfies Scenario[],
)
