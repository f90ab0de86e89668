import type { Codec } from '../codecs/codec.js'
import type { Handler } from '../core/contract.js'
import { INTAKE_LIMIT_NAMES, type IntakeLimits } from '../core/intake.js'
import { type ListenOptions, type ResolvedOptions, resolveListenOptions } from '../core/options.js'
import { checkOptionNames, functionOption, objectOption } from '../core/validate.js'

const SERVED = [
  'allowHalfOpen',
  'keepalive',
  'pathTimeoutMs',
  'highWatermarkBytes',
  'lowWatermarkBytes',
  'maxQueuedBytes',
  'cleanupTimeoutMs',
  'readChunkBytes',
  'deadlines',
  'heartbeat',
] as const satisfies readonly (keyof ListenOptions)[]

/** Those of listen() that concern what a handler sees, with the same defaults. */
export interface TestServerOptions<Receives = unknown, Sends = unknown>
  extends Pick<ListenOptions, (typeof SERVED)[number]> {
  /** What each client may send: those of listen() that concern its bytes and pings. */
  limits?: IntakeLimits
  /**
   * What the clients speak: decodes what they receive, encodes what they send. Default: the codec of
   * the protocol, which fits where both sides speak alike.
   */
  codec?: Codec<Receives, Sends>
}

export interface ResolvedTestOptions {
  listen: ResolvedOptions
  codec: Codec<unknown, unknown> | null
}

/** @throws HoldfastTypeError, HoldfastRangeError naming the option, its value and what is allowed */
export function resolveTestOptions(handler: Handler, options: unknown): ResolvedTestOptions {
  objectOption('testServer: handler', handler)
  const { codec: given, ...settings } = objectOption('testServer: options', options)
  checkOptionNames('testServer', settings, [...SERVED, 'limits', 'codec'])
  const { limits } = settings
  if (limits !== undefined) {
    checkOptionNames('testServer: limits', objectOption('limits', limits), INTAKE_LIMIT_NAMES)
  }
  const { codec = given, options: asked = {} } = handler as {
    codec?: unknown
    options?: Record<string, unknown>
  }
  // Of what a protocol asks of its server, the rest has no meaning without sockets.
  const wanted = {
    ...only(SERVED, asked),
    limits: only(INTAKE_LIMIT_NAMES, (asked.limits ?? {}) as Record<string, unknown>),
  }
  const listen = resolveListenOptions({ ...wanted, ...settings, port: 0, handler })
  return { listen, codec: checkCodec(given ?? codec) }
}

function checkCodec(codec: unknown): Codec<unknown, unknown> | null {
  if (codec === undefined) {
    return null
  }
  const { decode, encode } = objectOption('testServer: codec', codec)
  functionOption('testServer: codec.decode', decode)
  functionOption('testServer: codec.encode', encode)
  return codec as Codec<unknown, unknown>
}

function only(names: readonly string[], from: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  )
}
