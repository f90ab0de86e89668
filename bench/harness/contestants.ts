import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ofAccepting } from './contestants-accept.js'
import { peers } from './contestants-peers.js'
import { ofScale } from './contestants-scale.js'
import { nativeDirectory } from './paths.js'
import { type Contestant, inC, inNode } from './programs.js'

export type { Contestant } from './programs.js'
export { inNode } from './programs.js'

export const rawEpoll = inC('raw-epoll', 'raw_epoll')
/** The same program a second time: how far from 1 the method alone goes. */
export const rawEpollAgain = inC('raw-epoll-again', 'raw_epoll')
export const rawLibuv = inC('raw-libuv', 'raw_libuv')
export const nodeNet = inNode('node-net', 'baselines/node-net.js')
export const holdfastEpoll = inNode('holdfast-epoll', 'servers/holdfast.js', '--io', 'epoll')
export const holdfastUv = inNode('holdfast-uv', 'servers/holdfast.js', '--io', 'uv')
/** For the http bench alone: one http.createServer(), on sockets of node:net or on our own. */
export const nodeHttp = inNode('node-http', 'baselines/node-http.js')
/** The same program a second time: how far from 1 the method alone goes. */
export const nodeHttpAgain = inNode('node-http-again', 'baselines/node-http.js')
export const httpEpoll = inNode('holdfast-http-epoll', 'servers/http.js', '--io', 'epoll')
export const httpUv = inNode('holdfast-http-uv', 'servers/http.js', '--io', 'uv')

/** Keepalive set on each accepted socket instead of inherited: what inheritance saves. */
export const holdfastPerSocket = inNode(
  'holdfast-epoll-per-socket',
  'servers/holdfast.js',
  '--io',
  'epoll',
  '--inherit',
  'never',
)

/** The same server a second time: how far from 1 the method alone goes. */
export const holdfastEpollAgain = inNode(
  'holdfast-epoll-again',
  'servers/holdfast.js',
  '--io',
  'epoll',
)
/** A limit that nobody reaches: what is measured is that it is looked up. */
export const holdfastPerAddress = inNode(
  'holdfast-epoll-per-address',
  'servers/holdfast.js',
  '--io',
  'epoll',
  '--options',
  JSON.stringify({ limits: { connectionsPerAddress: 1000 } }),
)

/** For the hostile bench alone. Of all of these rules a hostile client meets one or the other. */
const rules = {
  // A server that waits for its core must not make clients wait a second for a SYN that was dropped.
  backlog: 4096,
  limits: { acceptsPerSecond: 6000, whenFull: 'reset' },
  deadlines: { handshakeMs: 5000, idleMs: 60_000, backlogMs: 1000 },
}

function inHostileTown(name: string, io: string, limits: object = {}): Contestant {
  const options = JSON.stringify({ ...rules, limits: { ...rules.limits, ...limits } })
  return inNode(name, 'servers/hostile.js', '--io', io, '--options', options)
}

export const hostileEpoll = inHostileTown('holdfast-epoll', 'epoll')
export const hostileUv = inHostileTown('holdfast-uv', 'uv')
export const hostileReadLimit = inHostileTown('holdfast-epoll-read-limit', 'epoll', {
  readBytesPerSecond: 2 ** 20,
})

/** For the deadlines bench alone: who keeps them, in simulated time. */
function inSimulatedTime(name: string, keeper: string): Contestant {
  const path = join(nativeDirectory, 'deadline_cpu')
  return {
    name,
    command: (_, scriptArguments) => [path, keeper, ...scriptArguments],
    isBuilt: () => existsSync(path),
  }
}

export const deadlineWheel = inSimulatedTime('holdfast-wheel', 'wheel')
export const withoutDeadlines = inSimulatedTime('no-deadlines', 'no-deadlines')
export const timerPerConnection = inSimulatedTime('uv-timer-each', 'timers')

/** For the liveness bench alone: the policy is given by `--keepalive`, off without it. */
export const watchingEpoll = inNode('holdfast-epoll', 'servers/liveness.js', '--io', 'epoll')
export const watchingUv = inNode('holdfast-uv', 'servers/liveness.js', '--io', 'uv')
export const unwatchedEpoll = inNode('keepalive-off-epoll', 'servers/liveness.js', '--io', 'epoll')
export const unwatchedUv = inNode('keepalive-off-uv', 'servers/liveness.js', '--io', 'uv')

function sending(way: 'broadcast' | 'write', name: string, io: string): Contestant {
  return inNode(`${name}-${io}`, 'servers/broadcast.js', '--io', io, '--way', way)
}

/** For the broadcast bench alone: one message to all, by one call or by a write() to each. */
export const broadcastingEpoll = sending('broadcast', 'broadcast', 'epoll')
export const broadcastingUv = sending('broadcast', 'broadcast', 'uv')
export const writingEpoll = sending('write', 'writes', 'epoll')
export const writingUv = sending('write', 'writes', 'uv')

function ofMessages(name: string, codec: string, as: string, answer = 'each'): Contestant {
  const args = ['--io', 'epoll', '--codec', codec, '--as', as, '--answer', answer]
  return inNode(name, 'servers/messages.js', ...args)
}

/** For the messages bench alone: each message decoded and handed over; those of a chunk sent by one write. */
export const linesDecoded = ofMessages('lines-decoded', 'lines', 'slice', 'run')
export const lengthPrefixedDecoded = ofMessages('length-decoded', 'length', 'slice', 'run')
/** The same, each message encoded and sent by itself. */
export const linesAsSlices = ofMessages('lines-slice', 'lines', 'slice')
export const linesAsText = ofMessages('lines-latin1', 'lines', 'latin1')
export const lengthPrefixedAsSlices = ofMessages('length-slice', 'length', 'slice')
export const lengthPrefixedAsBuffers = ofMessages('length-buffer', 'length', 'buffer')

/** For the resp bench alone. */
export const redis = inNode('redis-server', 'baselines/redis.js')
export const respEpoll = inNode('resp-epoll', 'servers/resp.js', '--io', 'epoll')
export const respUv = inNode('resp-uv', 'servers/resp.js', '--io', 'uv')

export const all: readonly Contestant[] = [
  rawEpoll,
  rawEpollAgain,
  rawLibuv,
  nodeNet,
  holdfastEpoll,
  holdfastUv,
  holdfastPerSocket,
  holdfastEpollAgain,
  holdfastPerAddress,
  nodeHttp,
  nodeHttpAgain,
  httpEpoll,
  httpUv,
  hostileReadLimit,
  deadlineWheel,
  withoutDeadlines,
  timerPerConnection,
  unwatchedEpoll,
  unwatchedUv,
  broadcastingEpoll,
  broadcastingUv,
  writingEpoll,
  writingUv,
  linesDecoded,
  lengthPrefixedDecoded,
  linesAsSlices,
  linesAsText,
  lengthPrefixedAsSlices,
  lengthPrefixedAsBuffers,
  redis,
  respEpoll,
  respUv,
  ...ofAccepting,
  ...peers,
  ...ofScale,
]
