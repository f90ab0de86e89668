import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { type ListenOptions, listen } from '../../lib/index.js'
import { ioUnderTest, openLab } from '../support/lab.js'
import { socketFds } from '../support/sockets.js'

interface Failure extends Error {
  code: string
}

/** What listen() rejects with, given these options besides valid ones. No socket may exist by then. */
async function refusal(options: Record<string, unknown>): Promise<Failure> {
  const before = socketFds()
  const whole = { port: 0, handler: {}, io: ioUnderTest, ...options } as ListenOptions
  const failure = await listen(whole).then(
    () => new Error('it listens'),
    (error: unknown) => error,
  )
  // Threads that run other tests share the descriptors of the process.
  if (isMainThread) {
    expect(socketFds()).toEqual(before)
  }
  return failure as Failure
}

const NO_INTEGERS = ['8080', 1.5, Number.NaN, Number.POSITIVE_INFINITY, null, {}, [], 10n, true]

// Option, least and most allowed value.
const RANGES: [option: string, min: number, max: number][] = [
  ['port', 0, 65_535],
  ['backlog', 1, 2 ** 31 - 1],
  ['highWatermarkBytes', 0, 2 ** 31 - 1],
  ['lowWatermarkBytes', 0, 2 ** 31 - 1],
  ['maxQueuedBytes', 0, 2 ** 31 - 1],
  ['cleanupTimeoutMs', 1, 2 ** 31 - 1],
  ['acceptBudget', 1, 65_536],
  ['readChunkBytes', 512, 1_048_576],
]

describe('listen(): a number', () => {
  test.each(RANGES)('%s from %i to %i', async (option, min, max) => {
    for (const value of [min - 1, max + 1]) {
      const failure = await refusal({ [option]: value })
      expect(failure).toBeInstanceOf(RangeError)
      expect(failure.code).toBe('ERR_HOLDFAST_OPTION_RANGE')
      expect(failure.message).toContain(`${option} must be an integer from ${min} to ${max}`)
      expect(failure.message).toContain(`got ${value}`)
    }
    for (const value of NO_INTEGERS) {
      if (value === null && option !== 'port') continue // null leaves the default
      const failure = await refusal({ [option]: value })
      const wanted = typeof value === 'number' ? RangeError : TypeError
      expect(failure).toBeInstanceOf(wanted)
      expect(failure.code).toMatch(/^ERR_HOLDFAST_OPTION_(TYPE|RANGE)$/)
      expect(failure.message).toContain(`${option} must be`)
    }
  })
})

// Option, value, the kind of error, a part of its message beside the option's name.
const REFUSED: [options: Record<string, unknown>, kind: typeof Error, says: RegExp][] = [
  [{ port: undefined }, TypeError, /port must be .*got undefined/],
  [
    { handler: undefined },
    TypeError,
    /handler must be an object with any of open, data, .*; got undefined/,
  ],
  [{ handler: () => {} }, TypeError, /handler must be an object; got a function/],
  [{ handler: { data: 1 } }, TypeError, /handler.data must be a function; got 1/],
  [{ host: 7 }, TypeError, /host must be .*got 7/],
  [{ host: '' }, RangeError, /host must be .*got ""/],
  [{ host: 'a\0b' }, RangeError, /host must be/],
  [{ host: 'x'.repeat(254) }, RangeError, /host must be .*1 to 253 characters/],
  [{ ipv6Only: 1 }, TypeError, /ipv6Only must be true or false; got 1/],
  [{ ipv6Only: true }, RangeError, /ipv6Only must be false for the IPv4 address/],
  [{ reusePort: 'yes' }, TypeError, /reusePort must be true or false; got "yes"/],
  [{ noDelay: 0 }, TypeError, /noDelay must be/],
  [{ allowHalfOpen: 'no' }, TypeError, /allowHalfOpen must be/],
  [{ inherit: true }, TypeError, /inherit must be one of 'auto', 'never'; got true/],
  [{ inherit: 'always' }, RangeError, /inherit must be one of 'auto', 'never'; got "always"/],
  [{ io: 'kqueue' }, RangeError, /io must be one of 'auto', 'epoll', 'uv'; got "kqueue"/],
  [{ lowWatermarkBytes: 65_537 }, RangeError, /lowWatermarkBytes must be at most .*65536/],
  [{ maxQueuedBytes: 65_536 }, RangeError, /maxQueuedBytes must be more than .*65536/],
  [{ prot: 1 }, TypeError, /listen has no option "prot"; known: port, handler, .*host, backlog/],
  [
    { keepalive: 'cloud' },
    RangeError,
    /no preset "cloud"; known: lan-strict, interactive, cloud-lb/,
  ],
  [{ keepalive: true }, TypeError, /keepalive must be .*got true/],
  [{ keepalive: {} }, TypeError, /keepalive.idleMs must be .*got undefined/],
  [{ keepalive: settings({ idleMs: 999 }) }, RangeError, /idleMs must be .*1000 to 32767000 ms/],
  [{ keepalive: settings({ idleMs: 32_767_001 }) }, RangeError, /idleMs must be .*got 32767001/],
  [{ keepalive: settings({ intervalMs: 0 }) }, RangeError, /intervalMs must be .*got 0/],
  [{ keepalive: settings({ count: 0 }) }, RangeError, /count must be .*1 to 127.*got 0/],
  [{ keepalive: settings({ count: 128 }) }, RangeError, /count must be .*got 128/],
  [{ keepalive: settings({ userTimeoutMs: 0 }) }, RangeError, /userTimeoutMs must be .*got 0/],
  [{ keepalive: settings({ userTimeoutMs: 'on' }) }, TypeError, /userTimeoutMs must be .*"on"/],
  [
    { keepalive: settings({ idle: 5 }) },
    TypeError,
    /keepalive has no option "idle"; known: idleMs/,
  ],
]

function settings(changed: Record<string, unknown>): Record<string, unknown> {
  return { idleMs: 1_000, intervalMs: 1_000, count: 2, ...changed }
}

describe('listen(): everything else', () => {
  test.each(REFUSED)('%o', async (options, kind, says) => {
    const failure = await refusal(options)
    expect(failure.message).toMatch(says)
    expect(failure).toBeInstanceOf(kind)
    expect(failure.code).toMatch(/^ERR_HOLDFAST_/)
  })

  test.each([undefined, null, 'options', []])('no options at all: %o', async (options) => {
    const failure = await listen(options as unknown as ListenOptions).catch((error) => error)
    expect(failure).toBeInstanceOf(TypeError)
    expect(failure.code).toBe('ERR_HOLDFAST_OPTION_TYPE')
    expect(failure.message).toMatch(/^the options of listen must be an object/)
  })
})

describe('what the system refuses', () => {
  test('a port in use: EADDRINUSE, as node:net has it', async () => {
    await using lab = await openLab()
    expect(await refusal({ port: lab.port })).toMatchObject({
      code: 'EADDRINUSE',
      errno: -98,
      syscall: expect.stringMatching(/^(bind|listen)$/),
      address: '127.0.0.1',
      port: lab.port,
    })
  })

  test('an address of another machine: EADDRNOTAVAIL', async () => {
    const failure = await refusal({ host: '192.0.2.1' })
    expect(failure).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind', address: '192.0.2.1' })
  })

  test('a host name that cannot be resolved: the error of dns.lookup', async () => {
    const failure = await refusal({ host: 'no..such..name' })
    expect(failure).toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })
  })

  // A process of its own gives up its privileges, where it has any, and tries the lowest port.
  test('a privileged port without the privilege: EACCES', () => {
    const firstFree = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
    const entry = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
    const script = `
      import { listen } from ${JSON.stringify(entry)}
      const options = { io: '${ioUnderTest}', handler: {} }
      await (await listen({ ...options, port: 0 })).close() // loads the addon while that is allowed
      if (process.geteuid() === 0) process.seteuid(65534)
      const outcome = await listen({ ...options, port: 1 }).then((server) => server.close(), (error) => error)
      console.log(JSON.stringify(outcome.code ? { ...outcome } : 'listens'))
    `
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    expect(run.stdout, run.stderr).not.toBe('')
    const refused = { code: 'EACCES', errno: -13, syscall: 'bind', address: '127.0.0.1', port: 1 }
    // Containers often declare all ports free: then there is nothing to refuse.
    expect(JSON.parse(run.stdout)).toEqual(
      firstFree > 1 ? expect.objectContaining(refused) : 'listens',
    )
  })
})

test('arguments of a connection and a server: TypeError or RangeError, and all goes on', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  const wrong = <Value>(value: unknown) => value as Value
  const calls: [call: () => unknown, kind: typeof Error, says: RegExp][] = [
    [() => connection.write(wrong(7)), TypeError, /data must be a string or a Uint8Array; got 7/],
    [() => connection.write(wrong(null)), TypeError, /got null/],
    [() => connection.write(wrong(new Uint16Array(2))), TypeError, /data must be/],
    [() => connection.write(wrong([1, 2])), TypeError, /got an array/],
    [() => connection.write('x', wrong('hex')), TypeError, /encoding must be 'utf8' or 'latin1'/],
    [() => connection.end(wrong({})), TypeError, /data must be/],
    [() => connection.onCleanup(wrong('hook')), TypeError, /hook must be a function/],
    [() => connection.keepalive(wrong(1)), TypeError, /keepalive must be/],
    [() => lab.server.onCleanup(wrong(null)), TypeError, /hook must be a function; got null/],
    [() => lab.server.onDisconnect(wrong(1)), TypeError, /listener must be a function/],
    [() => lab.server.onError(wrong(1)), TypeError, /listener must be a function/],
    [() => lab.server.onRefused(wrong(1)), TypeError, /listener must be a function/],
    [() => lab.server.close({ deadlineMs: -1 }), RangeError, /deadlineMs must be .*got -1/],
    [() => lab.server.close(wrong({ deadline: 1 })), TypeError, /close has no option "deadline"/],
  ]
  for (const [call, kind, says] of calls) {
    expect(call).toThrow(kind)
    expect(call).toThrow(says)
  }
  expect(connection.state).toBe('open')
  connection.end('still fine')
  expect((await client.rest()).toString()).toBe('still fine')
})
