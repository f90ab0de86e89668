import type { Cut } from '../scenario.js'
import { ROUTER_TO_PEER } from '../topology.js'
import { host } from './silence.js'

// The peer is gone, and a router on the way says so by ICMP (RFC 792, RFC 4443).

const ROUTES = {
  unreachable: 'host unreachable',
  prohibit: 'prohibited',
} as const

export const routerSays = (kind: keyof typeof ROUTES): Cut => ({
  name: `the router answers “${ROUTES[kind]}”`,
  apply: ({ topology }) =>
    topology.ip('router', 'route', 'add', kind, host(topology, topology.peerHost)),
})

export const NO_ROUTE: Cut = {
  name: 'the router has lost its route to the peer',
  apply: ({ topology, family }) => {
    const net = family === 'v4' ? '10.77.2.0/24' : 'fd77:0:0:2::/64'
    return topology.ip('router', 'route', 'del', net, 'dev', ROUTER_TO_PEER)
  },
}

/** What a firewall with `reject` answers. */
export const PORT_REJECTED: Cut = {
  name: 'the router answers “port unreachable”',
  apply: ({ topology }) => topology.nft('router', REJECT),
}

const REJECT = `table inet rejecting {
  chain all_of_it {
    type filter hook forward priority 0
    reject with icmpx port-unreachable
  }
}`
