import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { buildProgram, parse, type ServeOptions } from '../../../lib/cli/options.js'
import { UsageError } from '../../../lib/cli/usage.js'

async function run(...args: string[]): Promise<ServeOptions | null> {
  let seen: ServeOptions | null = null
  const program = buildProgram('1.2.3', async (options) => {
    seen = options
  })
  await parse(program, args)
  return seen
}

let printed = ''

beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

test('what is not given is left to the protocol', async () => {
  expect(await run('serve')).toEqual({
    host: '127.0.0.1',
    port: 7007,
    protocol: 'echo',
    keepalive: undefined,
    inherit: undefined,
    io: undefined,
    backlog: undefined,
    reusePort: undefined,
    limits: {},
    deadlines: {},
    drain: { deadlineMs: 10_000 },
    json: false,
    quiet: false,
  })
})

test('every option reaches its place', async () => {
  const args = ['--host', '::1', '--port', '0', '--protocol', 'discard', '--inherit', 'never']
  const more = ['--io', 'uv', '--backlog', '9', '--reuse-port', '--json', '--quiet']
  expect(await run('serve', ...args, ...more)).toMatchObject({
    host: '::1',
    port: 0,
    protocol: 'discard',
    inherit: 'never',
    io: 'uv',
    backlog: 9,
    reusePort: true,
    json: true,
    quiet: true,
  })
})

test.each(['./p.ts', 'p.mjs', '../lib/p', 'p.js'])('--protocol %j is a module', async (path) => {
  expect(await run('serve', '--protocol', path)).toMatchObject({ protocol: path })
})

test('limits and the end of a server reach their places', async () => {
  const limits = ['--max-connections', '15_000', '--max-per-address', '50', '--idle', '10min']
  const drain = ['--drain', '30s', '--drain-per-second', '500', '--goodbye', 'bye']
  expect(await run('serve', ...limits, ...drain)).toMatchObject({
    limits: { connections: 15_000, connectionsPerAddress: 50 },
    deadlines: { idleMs: 600_000 },
    drain: { deadlineMs: 30_000, perSecond: 500, message: 'bye' },
  })
})

test.each([
  [['--drain', '10'], '--drain "10"'],
  [['--drain', '600h'], 'at most 2147483647 ms'],
  [['--drain-per-second', '0'], 'an integer from 1 to 1000000'],
  [['--goodbye', ''], '1 to 4096 bytes'],
  [['--goodbye', 'é'.repeat(2049)], '1 to 4096 bytes'],
  [['--max-connections', '0'], 'an integer from 1 to'],
  [['--max-connections', '5', '--max-per-address', '6'], 'at most --max-connections (5)'],
  [['--idle', '49ms'], 'at least 50 ms'],
  [['--idle', '600h'], 'at most 1728000000 ms'],
])('serve %j is refused', async (args, allowed) => {
  const failure = await run('serve', ...args).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(UsageError)
  expect((failure as Error).message).toContain(allowed)
})

test.each([
  [['--keepalive', 'nat'], { preset: 'nat', userTimeoutMs: 'auto' }],
  [['--keepalive', 'off'], { enabled: false }],
  [['--keepalive', 'off', '--user-timeout', 'off'], { enabled: false }],
  [['--keepalive', '1000/2000/3'], { preset: null, idleMs: 1000, intervalMs: 2000, count: 3 }],
  [['--keepalive=1000/1000/2', '--user-timeout=1500'], { userTimeoutMs: 1500 }],
  [['--user-timeout', 'auto'], { preset: 'cloud-lb', userTimeoutMs: 'auto' }],
  [['--user-timeout', 'off'], { preset: 'cloud-lb', userTimeoutMs: 'off' }],
  [['--path-timeout', '4min'], { preset: 'cloud-lb', pathTimeoutMs: 240_000, warnings: [] }],
])('%j is a policy', async (args, expected) => {
  expect((await run('serve', ...args))?.keepalive).toMatchObject(expected)
})

test.each([
  [[], 'a command is missing; known: serve'],
  [['dance'], "unknown command 'dance'; known: serve"],
  [['serve', '--prot', 'x'], /unknown option '--prot'; known: --host, --port, .*--help/],
  [['serve', '--port'], "option '--port <port>' argument missing"],
  [['serve', '--port', '65536'], '--port "65536": must be an integer from 0 to 65535'],
  [['serve', '--port', '-1'], '--port "-1"'],
  [['serve', '--backlog', '0'], '--backlog "0": must be an integer from 1'],
  [['serve', '--host', ''], '--host "": must be'],
  [['serve', '--protocol', 'http'], '--protocol "http": must be one of echo, discard, lines'],
  [['serve', '--io', 'iocp'], '--io "iocp": must be one of auto, epoll, uv'],
  [['serve', '--inherit', 'no'], '--inherit "no": must be one of auto, never'],
  [['serve', '--keepalive', 'x'], /--keepalive "x": must be .*cloud-lb.*IDLE_MS/],
  [['serve', '--keepalive', '1/1/1'], /--keepalive "1\/1\/1": .*idleMs.*1000 to 32767000 ms/],
  [['serve', '--keepalive', '1000/1000/128'], /count.*1 to 127/],
  [['serve', '--user-timeout', '0'], '--user-timeout "0": must be an integer from 1'],
  [['serve', '--user-timeout', 'x'], '--user-timeout "x": must be auto, off or'],
  [['serve', '--keepalive', 'off', '--user-timeout', '9'], '--user-timeout "9": must be auto'],
  [['serve', '--path-timeout', '240'], '--path-timeout "240": must be a duration of at least 2260'],
  [['serve', '--path-timeout', '60s'], /--path-timeout "60s": keepalive.idleMs must be below/],
  [['serve', 'extra'], /too many arguments/],
])('%j is refused in one line that says what is allowed', async (args, message) => {
  const error = await run(...args).then(
    () => null,
    (reason: unknown) => reason as Error,
  )
  expect(error).toBeInstanceOf(UsageError)
  expect(error?.message).toMatch(message)
  expect(error?.message).not.toContain('\n')
  expect(printed).toBe('')
})

test.each([[['--help']], [['help']], [['serve', '--help']]])(
  '%j prints help and is no mistake',
  async (args) => {
    expect(await run(...args)).toBeNull()
    expect(printed).toContain('Usage: holdfast')
  },
)

test('--version prints the version', async () => {
  await run('--version')
  expect(printed).toBe('1.2.3\n')
})

test('proxies are given with commas between, and none is the default', async () => {
  expect((await run('serve'))?.proxy).toBeUndefined()
  expect(await run('serve', '--proxy-from', '10.0.0.0/8,::1')).toMatchObject({
    proxy: { from: ['10.0.0.0/8', '::1'] },
  })
})

test.each([
  ['', 'element 1 must be an address or a network such as .*; got ""'],
  ['10.0.0.0/8,', 'element 2 must be .*; got ""'],
  ['10.0.0.0/8, ::1', 'element 2 must be .*; got " ::1"'],
  ['10.0.0.0/33', 'element 1 must be .*; got "10.0.0.0/33"'],
  [
    '::1,10.0.0.1/8',
    'element 2 must be a network without bits beyond its length, as 10.0.0.0/8 is',
  ],
  ['localhost', 'element 1 must be .*; got "localhost"'],
  ['::1,'.repeat(1024), 'proxy.from must be an array of 1 to 1024 .*; got 1025 of them'],
])('--proxy-from %j is refused, with the element and the reason', async (text, why) => {
  const error: Error = await run('serve', '--proxy-from', text).then(
    () => new Error('taken'),
    (reason) => reason,
  )
  expect(error.message).toContain(`--proxy-from ${JSON.stringify(text)}: `)
  expect(error.message).toMatch(new RegExp(why))
})
