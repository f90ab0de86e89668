import type { IoKind, NativeAdmission, NativeIntake, NativeProxy } from '../native/reactor.js'
import type { Handler } from './contract.js'
import {
  type DeadlineOptions,
  type HeartbeatOptions,
  type ResolvedDeadlines,
  resolveDeadlines,
} from './deadlines.js'
import { HoldfastTypeError, optionRange, optionType } from './errors.js'
import { resolveIntake } from './intake.js'
import { type KeepaliveInput, KeepalivePolicy } from './keepalive-policy.js'
import { type LimitOptions, resolveLimits, resolveQueueMemory } from './limits.js'
import { DEFAULT_KEEPALIVE_PRESET } from './presets.js'
import { type ProxyOptions, resolveProxy } from './proxy.js'
import { makeReader } from './reader.js'
import {
  booleanOption,
  checkOptionNames,
  choiceOption,
  functionOption,
  integerOption,
  objectOption,
} from './validate.js'

export interface ListenOptions<Data = unknown> {
  /** 0 to 65535; 0: any free port. */
  port: number
  /** One shared object; every method is optional. */
  handler: Handler<Data>
  /** An IP address or a name for dns.lookup. Default '127.0.0.1'. */
  host?: string
  /** Arrivals the kernel queues, 1 to 2147483647; it has a limit of its own (listen(2)). Default 511. */
  backlog?: number
  /** Serve IPv6 alone on an IPv6 address (ipv6(7), IPV6_V6ONLY). Default false. */
  ipv6Only?: boolean
  /** Share the port with other processes and workers (socket(7), SO_REUSEPORT). Default false. */
  reusePort?: boolean
  /** Send small segments at once (tcp(7), TCP_NODELAY). Default true. */
  noDelay?: boolean
  /** Keep the sending side open after the peer's FIN until end() is called. Default false. */
  allowHalfOpen?: boolean
  /** Default 'cloud-lb'. */
  keepalive?: KeepaliveInput
  /**
   * How long the path to the clients remembers an idle connection, 2260 ms and more; keepalive is
   * refused, or warns, where it asks too late for it. Default: not known.
   */
  pathTimeoutMs?: number
  /** 'auto': from the listener where the system hands it down; 'never': socket by socket. */
  inherit?: 'auto' | 'never'
  /** Default 'auto': the best of this system. */
  io?: 'auto' | IoKind
  /** write() returns false above this. Default 65536. */
  highWatermarkBytes?: number
  /** `drain` follows at or below this. Default 16384. */
  lowWatermarkBytes?: number
  /** A connection that would have more than this queued ends with slow-consumer. Default 64 MiB. */
  maxQueuedBytes?: number
  /** How long each async hook may take before it counts as late. Default 5000. */
  cleanupTimeoutMs?: number
  /** Connections accepted in one turn; the rest wait for the next. Default 256. */
  acceptBudget?: number
  /** Most bytes of one receive. Default 65536. */
  readChunkBytes?: number
  /** Default: none. */
  deadlines?: DeadlineOptions
  /** Default: none but the system's. */
  limits?: LimitOptions
  /** Needs `handler.heartbeat`. Default: none. */
  heartbeat?: HeartbeatOptions
  /** Default: every peer is a client itself. */
  proxy?: ProxyOptions
}

/** All options checked and filled in. */
export type ResolvedOptions = Required<
  Omit<
    ListenOptions,
    'keepalive' | 'pathTimeoutMs' | 'deadlines' | 'heartbeat' | 'limits' | 'proxy'
  >
> & {
  /** Knows the path's timeout where one was given. */
  keepalive: KeepalivePolicy
  deadlines: ResolvedDeadlines
  limits: NativeAdmission
  /** 0: no limit. */
  queueMemoryBytes: number
  intake: NativeIntake
  proxy: NativeProxy | null
}

const DEFAULTS = {
  host: '127.0.0.1',
  backlog: 511,
  ipv6Only: false,
  reusePort: false,
  noDelay: true,
  allowHalfOpen: false,
  keepalive: DEFAULT_KEEPALIVE_PRESET,
  inherit: 'auto',
  io: 'auto',
  highWatermarkBytes: 65_536,
  lowWatermarkBytes: 16_384,
  maxQueuedBytes: 64 * 1024 * 1024,
  cleanupTimeoutMs: 5_000,
  acceptBudget: 256,
  readChunkBytes: 65_536,
} as const

export const LISTEN_OPTION_NAMES: readonly string[] = [
  'port',
  'handler',
  'pathTimeoutMs',
  'deadlines',
  'heartbeat',
  'limits',
  'proxy',
  ...Object.keys(DEFAULTS),
]

export const HANDLER_METHODS = [
  'open',
  'data',
  'drain',
  'end',
  'heartbeat',
  'shutdown',
  'close',
] as const

const INT32_MAX = 2 ** 31 - 1
// Native receives into a slab of this size.
const READ_CHUNK_BYTES_MAX = 1_048_576
const READ_CHUNK_BYTES_MIN = 512
const ACCEPT_BUDGET_MAX = 65_536

/**
 * Checks every option and fills in the defaults; touches no socket.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, its value and what is allowed
 */
export function resolveListenOptions(input: ListenOptions): ResolvedOptions {
  const given = objectOption('the options of listen', input)
  checkOptionNames('listen', given, LISTEN_OPTION_NAMES)
  // null is a value, and a wrong one; only undefined means the default.
  const value = (name: keyof typeof DEFAULTS): unknown =>
    given[name] === undefined ? DEFAULTS[name] : given[name]
  const bytes = (name: 'highWatermarkBytes' | 'lowWatermarkBytes' | 'maxQueuedBytes'): number =>
    integerOption(name, value(name), 0, INT32_MAX, 'bytes')

  const highWatermarkBytes = bytes('highWatermarkBytes')
  const lowWatermarkBytes = bytes('lowWatermarkBytes')
  const maxQueuedBytes = bytes('maxQueuedBytes')
  if (lowWatermarkBytes > highWatermarkBytes) {
    const allowed = `at most highWatermarkBytes (${highWatermarkBytes})`
    throw optionRange('lowWatermarkBytes', lowWatermarkBytes, allowed)
  }
  if (maxQueuedBytes <= highWatermarkBytes) {
    const allowed = `more than highWatermarkBytes (${highWatermarkBytes})`
    throw optionRange('maxQueuedBytes', maxQueuedBytes, allowed)
  }
  if (given.port === undefined && given.handler === undefined) {
    throw new HoldfastTypeError('ERR_HOLDFAST_OPTION_TYPE', 'listen needs a port and a handler')
  }
  const handler = checkHandler(given.handler)
  if (given.heartbeat !== undefined) {
    functionOption('handler.heartbeat (with the option heartbeat)', handler.heartbeat)
  }
  return {
    port: integerOption('port', given.port, 0, 65_535),
    handler,
    host: checkHost(value('host')),
    backlog: integerOption('backlog', value('backlog'), 1, INT32_MAX),
    ipv6Only: booleanOption('ipv6Only', value('ipv6Only')),
    reusePort: booleanOption('reusePort', value('reusePort')),
    noDelay: booleanOption('noDelay', value('noDelay')),
    allowHalfOpen: booleanOption('allowHalfOpen', value('allowHalfOpen')),
    keepalive: checkKeepalive(value('keepalive'), given.pathTimeoutMs),
    inherit: choiceOption('inherit', value('inherit'), ['auto', 'never']),
    io: choiceOption('io', value('io'), ['auto', 'epoll', 'uv']),
    highWatermarkBytes,
    lowWatermarkBytes,
    maxQueuedBytes,
    cleanupTimeoutMs: integerOption(
      'cleanupTimeoutMs',
      value('cleanupTimeoutMs'),
      1,
      INT32_MAX,
      'ms',
    ),
    acceptBudget: integerOption('acceptBudget', value('acceptBudget'), 1, ACCEPT_BUDGET_MAX),
    readChunkBytes: integerOption(
      'readChunkBytes',
      value('readChunkBytes'),
      READ_CHUNK_BYTES_MIN,
      READ_CHUNK_BYTES_MAX,
      'bytes',
    ),
    deadlines: resolveDeadlines(given.deadlines, given.heartbeat),
    limits: resolveLimits(given.limits),
    queueMemoryBytes: resolveQueueMemory(
      given.limits,
      highWatermarkBytes,
      given.maxQueuedBytes === undefined ? undefined : maxQueuedBytes,
    ),
    intake: resolveIntake(given.limits),
    proxy: resolveProxy(given.proxy),
  }
}

/** The io kind to use, of those the build offers on this system. */
export function chooseIo(wanted: 'auto' | IoKind, offered: readonly IoKind[]): IoKind {
  const chosen = wanted === 'auto' ? offered[0] : offered.find((kind) => kind === wanted)
  if (chosen === undefined) {
    const allowed = `one this system offers: ${['auto', ...offered].join(', ')}`
    throw optionRange('io', wanted, allowed)
  }
  return chosen
}

function checkKeepalive(keepalive: unknown, pathTimeoutMs: unknown): KeepalivePolicy {
  const policy = KeepalivePolicy.from(keepalive as KeepaliveInput)
  return pathTimeoutMs === undefined ? policy : policy.withPathTimeout(pathTimeoutMs as number)
}

function checkHost(host: unknown): string {
  if (typeof host !== 'string') {
    throw optionType('host', host, 'an IP address or a host name')
  }
  // Longer than any name of RFC 1035, and a NUL would cut the name short in C.
  if (host === '' || host.length > 253 || host.includes('\0')) {
    throw optionRange('host', host, 'an IP address or a host name of 1 to 253 characters')
  }
  return host
}

function checkHandler(input: unknown): Handler {
  if (input === undefined) {
    throw optionType('handler', input, `an object with any of ${HANDLER_METHODS.join(', ')}`)
  }
  const handler = objectOption('handler', input)
  refuseForeignNames(handler)
  for (const method of HANDLER_METHODS) {
    if (handler[method] !== undefined) {
      functionOption(`handler.${method}`, handler[method])
    }
  }
  return handler as Handler
}

/** A handler of which nothing would ever be called: `onData`, `message` and the like. */
function refuseForeignNames(handler: Record<string, unknown>): void {
  const definition = ['message', 'answer'].find((name) => typeof handler[name] === 'function')
  if (definition !== undefined && typeof handler.codec === 'object' && !(makeReader in handler)) {
    throw new HoldfastTypeError(
      'ERR_HOLDFAST_OPTION_TYPE',
      `handler is a definition with ${definition}(): not made by protocol()`,
    )
  }
  const prototype: unknown = Object.getPrototypeOf(handler)
  const plain = prototype === Object.prototype || prototype === null
  if (!plain || HANDLER_METHODS.some((method) => handler[method] !== undefined)) {
    return
  }
  const foreign = Object.keys(handler).filter((name) => typeof handler[name] === 'function')
  if (foreign.length > 0) {
    const known = HANDLER_METHODS.join(', ')
    throw new HoldfastTypeError(
      'ERR_HOLDFAST_OPTION_TYPE',
      `handler must have any of ${known}; got only ${foreign.join(', ')}`,
    )
  }
}
