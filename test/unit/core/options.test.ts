import { describe, expect, test } from 'vitest'
import { resolveDeadlines } from '../../../lib/core/deadlines.js'
import { resolveIntake } from '../../../lib/core/intake.js'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { resolveLimits } from '../../../lib/core/limits.js'
import {
  chooseIo,
  LISTEN_OPTION_NAMES,
  type ListenOptions,
  resolveListenOptions,
} from '../../../lib/core/options.js'

const given = (options: Record<string, unknown>) =>
  resolveListenOptions({ port: 0, handler: {}, ...options } as unknown as ListenOptions)

test('the defaults', () => {
  const handler = {}
  const { keepalive, ...rest } = resolveListenOptions({ port: 7007, handler })
  expect(keepalive.preset).toBe('cloud-lb')
  expect(rest).toEqual({
    port: 7007,
    handler,
    host: '127.0.0.1',
    backlog: 511,
    ipv6Only: false,
    reusePort: false,
    noDelay: true,
    allowHalfOpen: false,
    inherit: 'auto',
    io: 'auto',
    highWatermarkBytes: 65_536,
    lowWatermarkBytes: 16_384,
    maxQueuedBytes: 67_108_864,
    cleanupTimeoutMs: 5_000,
    acceptBudget: 256,
    readChunkBytes: 65_536,
    deadlines: resolveDeadlines(undefined, undefined),
    limits: resolveLimits(undefined),
    queueMemoryBytes: 0,
    intake: resolveIntake(undefined),
    proxy: null,
  })
})

test('an option given as undefined has its default', () => {
  expect(given({ host: undefined, backlog: undefined })).toMatchObject({ backlog: 511 })
})

test('the handler is kept as it is, so that its methods keep their object', () => {
  const handler = { data() {} }
  expect(given({ handler }).handler).toBe(handler)
})

describe('a handler', () => {
  test('of which no method would ever be called is refused with the names it has', () => {
    const handler = { onData() {}, message: () => {}, state: 1 }
    expect(() => given({ handler })).toThrow(
      expect.objectContaining({
        name: 'HoldfastTypeError',
        code: 'ERR_HOLDFAST_OPTION_TYPE',
        message:
          'handler must have any of open, data, drain, end, heartbeat, shutdown, close; got only onData, message',
      }),
    )
  })

  test.each([
    ['that is empty', {}],
    ['with helpers beside a method', { data() {}, parse() {} }],
    ['with values and no functions', { greeting: 'hello' }],
    [
      'of a class',
      new (class Chat {
        join = () => {}
      })(),
    ],
  ])('%s is taken', (_, handler) => {
    expect(given({ handler }).handler).toBe(handler)
  })

  test.each([
    ['message', { codec: {}, message() {} }],
    ['answer', { codec: {}, open() {}, answer() {} }],
  ])('that is a definition with %s() is said not to be made by protocol()', (name, handler) => {
    expect(() => given({ handler: handler as object })).toThrow(
      `handler is a definition with ${name}(): not made by protocol()`,
    )
  })

  test('that is missing is named with its methods', () => {
    expect(() => given({ handler: undefined })).toThrow(
      'handler must be an object with any of open, data, drain, end, heartbeat, shutdown, close; got undefined',
    )
  })
})

test('of nothing at all, both that are needed are named', () => {
  expect(() => resolveListenOptions({} as never)).toThrow('listen needs a port and a handler')
})

describe('refuses', () => {
  const TYPE = 'ERR_HOLDFAST_OPTION_TYPE'
  const RANGE = 'ERR_HOLDFAST_OPTION_RANGE'

  test.each([
    ['port', -1, RANGE],
    ['port', 65_536, RANGE],
    ['port', '80', TYPE],
    ['port', undefined, TYPE],
    ['handler', null, TYPE],
    ['handler', undefined, TYPE],
    ['handler', () => {}, TYPE],
    ['handler', { data: 'x' }, TYPE],
    ['host', '', RANGE],
    ['host', 'a\0b', RANGE],
    ['host', 'x'.repeat(254), RANGE],
    ['host', 127, TYPE],
    ['backlog', 0, RANGE],
    ['backlog', 2 ** 31, RANGE],
    ['ipv6Only', 1, TYPE],
    ['reusePort', 'yes', TYPE],
    ['noDelay', null, TYPE],
    ['allowHalfOpen', 'no', TYPE],
    ['inherit', 'always', RANGE],
    ['io', 'iocp', RANGE],
    ['highWatermarkBytes', -1, RANGE],
    ['lowWatermarkBytes', 65_537, RANGE],
    ['maxQueuedBytes', 65_536, RANGE],
    ['maxQueuedBytes', 2 ** 31, RANGE],
    ['cleanupTimeoutMs', 0, RANGE],
    ['acceptBudget', 0, RANGE],
    ['readChunkBytes', 511, RANGE],
    ['readChunkBytes', 1_048_577, RANGE],
    ['keepalive', 'cloud', 'ERR_HOLDFAST_UNKNOWN_PRESET'],
    ['keepalive', { idleMs: 1 }, RANGE],
    ['pathTimeoutMs', 2_099, RANGE],
    ['pathTimeoutMs', null, TYPE],
    // The default policy asks after 60 s.
    ['pathTimeoutMs', 60_000, RANGE],
    ['prot', 7007, 'ERR_HOLDFAST_UNKNOWN_OPTION'],
  ])('%s: %j', (name, value, code) => {
    expect(() => given({ [name]: value })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(name) }),
    )
  })

  test('options that are no object', () => {
    for (const options of [undefined, null, 7007, []]) {
      expect(() => resolveListenOptions(options as unknown as ListenOptions)).toThrow(TypeError)
    }
  })
})

test('the policy learns of the path, and keeps what it knew of one', () => {
  const { keepalive } = given({ pathTimeoutMs: 100_000 })
  expect(keepalive).toMatchObject({ preset: 'cloud-lb', pathTimeoutMs: 100_000 })
  expect(keepalive.warnings).toEqual([expect.stringContaining('if 3 probes in a row are lost')])
  const own = KeepalivePolicy.within(40_000, { pathTimeoutMs: 90_000 })
  expect(given({ keepalive: own }).keepalive).toBe(own)
  expect(given({ keepalive: own, pathTimeoutMs: 60_000 }).keepalive.pathTimeoutMs).toBe(60_000)
})

test('every option can be named in the message about unknown ones', () => {
  expect(() => given({ x: 1 })).toThrow(LISTEN_OPTION_NAMES.join(', '))
})

describe('the io kind', () => {
  test('is the best offered, or the one asked for', () => {
    expect(chooseIo('auto', ['epoll', 'uv'])).toBe('epoll')
    expect(chooseIo('uv', ['epoll', 'uv'])).toBe('uv')
  })

  test('is refused where the system does not offer it', () => {
    expect(() => chooseIo('epoll', ['uv'])).toThrow(
      expect.objectContaining({
        code: 'ERR_HOLDFAST_OPTION_RANGE',
        message: 'io must be one this system offers: auto, uv; got "epoll"',
      }),
    )
  })
})
