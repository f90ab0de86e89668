import type { Cut, Middlebox } from '../scenario.js'
import { ROUTER_TO_SERVER, type Topology } from '../topology.js'

// Routers that keep a record of each connection and forget it after a time of silence. A record is
// made by SYN alone (nf_conntrack_tcp_loose 0): what has been forgotten is not learnt again.

/** Drops what belongs to no connection it knows. */
export const FIREWALL: Middlebox = {
  name: 'firewall',
  async install(topology) {
    await strict(topology)
    await topology.nft(
      'router',
      `table inet firewall {
         chain way {
           type filter hook forward priority 0
           ct state invalid drop
           tcp flags & (fin | syn | rst | ack) != syn ct state new drop
         }
       }`,
    )
  },
}

/** The server sees the router's address. What fits no record goes to the router itself: RST. */
export const NAT: Middlebox = {
  name: 'NAT',
  async install(topology) {
    await strict(topology)
    await topology.nft(
      'router',
      `table inet nat {
         chain way {
           type nat hook postrouting priority srcnat
           oifname "${ROUTER_TO_SERVER}" masquerade
         }
       }`,
    )
  },
}

/** Holds for a record from its next segment on, so one has to follow. */
export function forgetsAfter(seconds: number): Cut {
  return {
    name: `the router forgets after ${seconds} s of silence`,
    apply: ({ topology }) =>
      topology.sysctl('router', `${CONNTRACK}_tcp_timeout_established`, seconds),
    trace: ({ topology }) =>
      topology.run('router', 'cat', `/proc/sys/${CONNTRACK}_tcp_timeout_established`),
  }
}

const CONNTRACK = 'net/netfilter/nf_conntrack'

async function strict(topology: Topology): Promise<void> {
  await topology.sysctl('router', `${CONNTRACK}_tcp_loose`, 0)
}
