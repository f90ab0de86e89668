import { command } from './command.js'
import type { Family } from './scenario.js'
import { Shell } from './shell.js'

// Two or three network namespaces of a scenario's own, and the links between them:
//
//   pair     server vS ─────────────── vP peer       10.77.0.1, 10.77.0.2
//   routed   server vS ── rS R rP ──── vP peer       10.77.1.2, .1 │ 10.77.2.1, .2
//
// The same in fd77:0:0:N::. The laboratory runs in a mount and a process namespace of its own
// (access.ts): what it made is gone when it is, however it ends.

export type TopologyKind = 'pair' | 'routed'
export type Place = 'server' | 'router' | 'peer'

/** The link of a place; the router has one to each side. */
export const SERVER_LINK = 'vS'
export const PEER_LINK = 'vP'
export const ROUTER_TO_SERVER = 'rS'
export const ROUTER_TO_PEER = 'rP'

export interface Topology {
  readonly kind: TopologyKind
  readonly family: Family
  readonly serverHost: string
  readonly peerHost: string
  /** 'ip' or 'ip -6' with these arguments there. */
  ip(place: Place, ...args: string[]): Promise<void>
  /** `nft -f -` with this text there. */
  nft(place: Place, text: string): Promise<void>
  /** Writes a file below /proc/sys there. */
  sysctl(place: Place, path: string, value: string | number): Promise<void>
  /** Any command there; resolves to what it printed. */
  run(place: Place, name: string, ...args: string[]): Promise<string>
  /** The arguments of nsenter that start a program there. */
  enter(place: Place): string[]
  close(): Promise<void>
}

let opened = 0

/** @throws Error with the command that failed; what was made until then is removed */
export async function openTopology(kind: TopologyKind, family: Family): Promise<Topology> {
  const prefix = `hf-${process.pid}-${++opened}`
  const names: Record<Place, string> = {
    server: `${prefix}-s`,
    router: `${prefix}-r`,
    peer: `${prefix}-p`,
  }
  const places: Place[] = kind === 'pair' ? ['server', 'peer'] : ['server', 'router', 'peer']
  const lines = (verb: 'add' | 'del'): string[] =>
    places.map((place) => `netns ${verb} ${names[place]}`)
  const enter = (place: Place): string[] => [`--net=/run/netns/${names[place]}`]
  const shells = new Map<Place, Shell>()
  const run = (place: Place, words: readonly string[], input?: string): Promise<string> => {
    const shell = shells.get(place)
    if (shell === undefined) throw new Error(`there is no ${place} in a ${kind}`)
    return shell.run(words, input)
  }
  const write = (place: Place, path: string, value: string | number): Promise<string> =>
    run(place, ['sh', '-c', 'echo "$1" > "/proc/sys/$2"', 'sh', String(value), path])
  const close = async (): Promise<void> => {
    await Promise.all([...shells.values()].map((shell) => shell.close()))
    // -force: one that is gone already does not keep the others.
    await command('ip', ['-force', '-batch', '-'], lines('del').join('\n'))
  }

  try {
    await command('ip', ['-batch', '-'], [...lines('add'), ...links(kind, names)].join('\n'))
    for (const place of places) shells.set(place, new Shell(enter(place)))
    if (kind === 'routed') {
      // Before the links are up: with forwarding off, IPv6 would wait for a router of its own.
      await write('router', 'net/ipv4/ip_forward', 1)
      await write('router', 'net/ipv6/conf/all/forwarding', 1)
    }
    const address = (place: Place): Promise<string> =>
      run(place, ['ip', '-batch', '-'], addresses(kind, place).join('\n'))
    await Promise.all(places.map(address))
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
  const ends = ADDRESSES[kind][family]
  return {
    kind,
    family,
    serverHost: ends.server,
    peerHost: ends.peer,
    ip: async (place, ...args) => {
      await run(place, ['ip', family === 'v6' ? '-6' : '-4', ...args])
    },
    nft: async (place, text) => {
      await run(place, ['nft', '-f', '-'], text)
    },
    sysctl: async (place, path, value) => {
      await write(place, path, value)
    },
    run: (place, name, ...args) => run(place, [name, ...args]),
    enter,
    close,
  }
}

const ADDRESSES = {
  pair: {
    v4: { server: '10.77.0.1', peer: '10.77.0.2' },
    v6: { server: 'fd77::1', peer: 'fd77::2' },
  },
  routed: {
    v4: { server: '10.77.1.2', peer: '10.77.2.2' },
    v6: { server: 'fd77:0:0:1::2', peer: 'fd77:0:0:2::2' },
  },
} as const

function links(kind: TopologyKind, names: Record<Place, string>): string[] {
  const link = (a: string, at: string, b: string, to: string): string =>
    `link add ${a} netns ${at} type veth peer name ${b} netns ${to}`
  return kind === 'pair'
    ? [link(SERVER_LINK, names.server, PEER_LINK, names.peer)]
    : [
        link(SERVER_LINK, names.server, ROUTER_TO_SERVER, names.router),
        link(PEER_LINK, names.peer, ROUTER_TO_PEER, names.router),
      ]
}

/** Addresses without duplicate detection, which would keep an IPv6 address waiting for a second. */
function addresses(kind: TopologyKind, place: Place): string[] {
  const port = (link: string, v4: string, v6: string, bits: number): string[] => [
    `addr add ${v4}/24 dev ${link}`,
    `addr add ${v6}/${bits} dev ${link} nodad`,
    `link set ${link} up`,
  ]
  const lines = ['link set lo up']
  if (place === 'router') {
    lines.push(...port(ROUTER_TO_SERVER, '10.77.1.1', 'fd77:0:0:1::1', 64))
    lines.push(...port(ROUTER_TO_PEER, '10.77.2.1', 'fd77:0:0:2::1', 64))
    return lines
  }
  const link = place === 'server' ? SERVER_LINK : PEER_LINK
  const { v4, v6 } = ADDRESSES[kind]
  lines.push(...port(link, v4[place], v6[place], 64))
  if (kind === 'routed') {
    const net = place === 'server' ? 1 : 2
    lines.push(`route add default via 10.77.${net}.1`)
    lines.push(`route add ::/0 via fd77:0:0:${net}::1 dev ${link}`)
  }
  return lines
}
