import { type Contestant, inC, inNode } from './programs.js'

// Of the benches that accept very many: keepalive, accept-storm and broadcast.

function holdfast(name: string, io: string, options: object, ...args: string[]): Contestant {
  const given = ['--io', io, '--options', JSON.stringify(options), ...args]
  return inNode(name, 'servers/holdfast.js', ...given)
}

/** Keepalive inherited from the listener, and set on each accepted socket: four options. */
export const rawEpollInherited = inC('raw-epoll-inherited', 'raw_epoll', '--keepalive', 'inherited')
export const rawEpollPerSocket = inC(
  'raw-epoll-per-socket',
  'raw_epoll',
  '--keepalive',
  'per-socket',
)
/** node:net sets it on each socket, and lets its user choose the idle time alone. */
export const nodeNetKeepalive = inNode(
  'node-net-keepalive',
  'baselines/node-net.js',
  '--keepalive-s',
  '60',
)
export const holdfastEpollOff = holdfast('holdfast-epoll-off', 'epoll', { keepalive: false })
export const holdfastUvOff = holdfast('holdfast-uv-off', 'uv', { keepalive: false })
export const holdfastUvPerSocket = holdfast(
  'holdfast-uv-per-socket',
  'uv',
  {},
  '--inherit',
  'never',
)

// The most that the kernel allows unless net.core.somaxconn is raised.
const backlog = 4096

/** A queue for a storm of arrivals, under the names of the usual ones. */
export const stormedRawEpoll = inC('raw-epoll', 'raw_epoll', '--backlog', String(backlog))
export const stormedNodeNet = inNode(
  'node-net',
  'baselines/node-net.js',
  '--backlog',
  String(backlog),
)
export const stormedHoldfastEpoll = holdfast('holdfast-epoll', 'epoll', { backlog })
export const stormedHoldfastUv = holdfast('holdfast-uv', 'uv', { backlog })

const rawEpollProgram = inC('raw-epoll-loop', 'raw_epoll')
/** For the broadcast bench alone: a loop of send(2), and one of socket.write(). */
export const writingRawEpoll: Contestant = {
  ...rawEpollProgram,
  command: (_, scriptArguments) => [...rawEpollProgram.command([], []), ...scriptArguments],
}
export const writingNodeNet = inNode('node-net-loop', 'baselines/node-broadcast.js')

export const ofAccepting: readonly Contestant[] = [
  rawEpollInherited,
  rawEpollPerSocket,
  nodeNetKeepalive,
  holdfastEpollOff,
  holdfastUvOff,
  holdfastUvPerSocket,
  writingRawEpoll,
  writingNodeNet,
]
