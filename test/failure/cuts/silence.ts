import type { Cut } from '../scenario.js'
import { PEER_LINK, ROUTER_TO_PEER, SERVER_LINK, type Topology } from '../topology.js'

// Ways to vanish without a word: from one moment on no segment of the peer arrives any more.

export const CABLE_PULLED: Cut = {
  name: 'cable pulled (the peer’s link is down)',
  apply: ({ topology }) => topology.ip('peer', 'link', 'set', PEER_LINK, 'down'),
  undo: ({ topology }) => topology.ip('peer', 'link', 'set', PEER_LINK, 'up'),
}

export const OWN_LINK_DOWN: Cut = {
  name: 'the server’s own link is down',
  apply: ({ topology }) => topology.ip('server', 'link', 'set', SERVER_LINK, 'down'),
}

export const PEER_CRASHED: Cut = {
  name: 'peer crashed (link down, then killed)',
  async apply({ topology, peer }) {
    await topology.ip('peer', 'link', 'set', PEER_LINK, 'down')
    await peer.kill()
  },
}

/** The peer hears, and its answers go nowhere. */
export const BLACKHOLE: Cut = {
  name: 'the peer’s answers go into a blackhole route',
  apply: ({ topology }) =>
    topology.ip('peer', 'route', 'add', 'blackhole', host(topology, topology.serverHost)),
}

/** The same at the router, on the way to the peer. */
export const ROUTER_BLACKHOLE: Cut = {
  name: 'blackhole route at the router',
  apply: ({ topology }) =>
    topology.ip('router', 'route', 'add', 'blackhole', host(topology, topology.peerHost)),
}

export const WRONG_NEIGHBOUR: Cut = {
  name: 'wrong neighbour entry at the server',
  async apply({ topology }) {
    const entry = [topology.peerHost, 'lladdr', '02:00:00:00:00:99', 'dev', SERVER_LINK]
    await topology.ip('server', 'neigh', 'replace', ...entry, 'nud', 'permanent')
  },
}

export const FORWARDING_STOPS: Cut = {
  name: 'the router stops forwarding',
  apply: ({ topology, family }) =>
    family === 'v4'
      ? topology.sysctl('router', 'net/ipv4/ip_forward', 0)
      : topology.sysctl('router', 'net/ipv6/conf/all/forwarding', 0),
}

export const ROUTER_LINK_DOWN: Cut = {
  name: 'the router’s link to the peer is down, and it may say nothing',
  async apply({ topology }) {
    await topology.nft('router', SILENT_ROUTER)
    await topology.ip('router', 'link', 'set', ROUTER_TO_PEER, 'down')
  },
}

export const PEER_DROPS: Cut = {
  name: 'the peer drops all that arrives',
  apply: ({ topology }) => topology.nft('peer', dropAt('input')),
  undo: ({ topology }) => topology.nft('peer', 'delete table inet silence'),
}

export const PATH_DROPS: Cut = {
  name: 'the router drops all that is forwarded',
  apply: ({ topology }) => topology.nft('router', dropAt('forward')),
  undo: ({ topology }) => topology.nft('router', 'delete table inet silence'),
}

const SILENT_ROUTER = `table inet silence {
  chain mute {
    type filter hook output priority 0
    meta l4proto { icmp, ipv6-icmp } drop
  }
}`

const dropAt = (hook: 'input' | 'forward'): string => `table inet silence {
  chain deaf {
    type filter hook ${hook} priority 0
    drop
  }
}`

/** The address as a route to it alone. */
export function host({ family }: Topology, address: string): string {
  return `${address}/${family === 'v4' ? 32 : 128}`
}
