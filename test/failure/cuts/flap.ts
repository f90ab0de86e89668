import type { Cut } from '../scenario.js'
import { PEER_LINK, type Place, ROUTER_TO_PEER, SERVER_LINK, type Topology } from '../topology.js'
import { linkTrace } from '../trace.js'

// A link that goes and comes back.

/**
 * The server keeps the entry of its neighbour: looking for it anew takes 3 s and ends with a soft
 * error (EHOSTUNREACH), so that chance would give the reason.
 */
export const PEER_FLAP: Cut = {
  name: 'the peer’s link goes down and comes back',
  async prepare({ topology }) {
    await keepAddresses(topology, 'peer', PEER_LINK)
    const entry = [topology.peerHost, 'dev', SERVER_LINK, 'nud', 'permanent']
    await topology.ip('server', 'neigh', 'change', ...entry)
  },
  apply: ({ topology }) => topology.ip('peer', 'link', 'set', PEER_LINK, 'down'),
  undo: ({ topology }) => topology.ip('peer', 'link', 'set', PEER_LINK, 'up'),
  trace: linkTrace('peer', PEER_LINK),
}

export const SERVER_FLAP: Cut = {
  name: 'the server’s link goes down and comes back',
  prepare: ({ topology }) => keepAddresses(topology, 'server', SERVER_LINK),
  apply: ({ topology }) => topology.ip('server', 'link', 'set', SERVER_LINK, 'down'),
  undo: ({ topology }) => topology.ip('server', 'link', 'set', SERVER_LINK, 'up'),
  trace: linkTrace('server', SERVER_LINK),
}

/** What the server sends leaves its machine; the router has no way to send it on, and says so. */
export const FAR_FLAP: Cut = {
  name: 'a link behind the router goes down and comes back',
  prepare: ({ topology }) => keepAddresses(topology, 'router', ROUTER_TO_PEER),
  apply: ({ topology }) => topology.ip('router', 'link', 'set', ROUTER_TO_PEER, 'down'),
  undo: ({ topology }) => topology.ip('router', 'link', 'set', ROUTER_TO_PEER, 'up'),
  trace: linkTrace('router', ROUTER_TO_PEER),
}

/**
 * IPv6 addresses would go with the link, and for seconds after its return a router would look for
 * duplicates of its own (ip-sysctl: keep_addr_on_down, accept_dad, dad_transmits).
 */
async function keepAddresses(topology: Topology, place: Place, link: string): Promise<void> {
  const ipv6 = `net/ipv6/conf/${link}`
  await topology.sysctl(place, `${ipv6}/keep_addr_on_down`, 1)
  await topology.sysctl(place, `${ipv6}/accept_dad`, 0)
  await topology.sysctl(place, `${ipv6}/dad_transmits`, 0)
}
