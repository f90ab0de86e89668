import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addInspect } from '../../../lib/cli/inspect-command.js'
import { UsageError } from '../../../lib/cli/usage.js'
import { FakeModule } from '../../support/fake-native.js'
import { type FakeRow, fakeRows } from '../../support/fake-rows.js'

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

function inspect(rows: FakeRow[] | Error, ...args: string[]): string[] {
  printed = ''
  const module = new FakeModule()
  module.portRows = rows instanceof Error ? rows : fakeRows(rows)
  const program = new Command('holdfast').exitOverride().configureOutput({ writeErr: () => {} })
  addInspect(program, () => module)
  program.parse(['inspect', '--port', '7007', ...args], { from: 'user' })
  return printed.trimEnd().split('\n')
}

function peer(last: number, silentMs: number, more: FakeRow = {}): FakeRow {
  return {
    timer: 'keepalive',
    remote: [192, 0, 2, last],
    ...more,
    fields: { state: 1, inode: 5, timerExpiresMs: 4_250, ...more.fields },
    evidence: {
      family: 4,
      remotePort: 50_000 + last,
      hasTcpInfo: 1,
      detectedMs: silentMs,
      unacked: 0,
      notSentBytes: 0,
      rttUs: 1_234,
      ...more.evidence,
    },
  }
}

describe('as text', () => {
  test('a table with suspects first, then the longest silent, and a count', () => {
    const lines = inspect([
      peer(1, 10),
      peer(2, 90_000),
      peer(3, 400, { timer: 'retransmit', evidence: { retransmits: 2, unacked: 1 } }),
      peer(4, 200_000, { timer: 'none' }),
    ])
    expect(lines).toEqual([
      'REMOTE           STATE        KEEPALIVE             TIMER                HEARD        UNACKED     NOT SENT  RTT      SUSPECT',
      '192.0.2.4:50004  established  not armed             none                 200.0 s ago  0 segments  0 bytes   1.23 ms  no keepalive armed and silent for 200.0 s',
      '192.0.2.3:50003  established  hidden by retransmit  retransmit in 4.3 s  0.4 s ago    1 segment   0 bytes   1.23 ms  retransmitted 2 times without an answer',
      '192.0.2.2:50002  established  armed                 keepalive in 4.3 s   90.0 s ago   0 segments  0 bytes   1.23 ms',
      '192.0.2.1:50001  established  armed                 keepalive in 4.3 s   0.0 s ago    0 segments  0 bytes   1.23 ms',
      '4 connections on local port 7007, 2 suspects',
    ])
  })

  test('without TCP_INFO: what is unknown is called so', () => {
    const bare = peer(1, -1, { timer: 'time-wait', fields: { inode: 0, state: 5 } })
    const rows = [{ ...bare, evidence: { family: 4, remotePort: 1, hasTcpInfo: 0 } }]
    expect(inspect(rows)[1]?.split(/ {2,}/)).toEqual([
      ...['192.0.2.1:1', 'fin-wait-2', 'closing', 'time-wait in 4.3 s'],
      ...['unknown', 'unknown', 'unknown', 'unknown'],
    ])
  })

  test('where nothing is found it says so, and that the port may be the wrong one', () => {
    expect(inspect([])).toEqual([
      'no connection found on local port 7007: nobody is connected to it, or it is the wrong port',
    ])
    const summary = { event: 'summary', port: 7_007, connections: 0, suspects: 0 }
    expect(inspect([], '--json').map((line) => JSON.parse(line))).toEqual([summary])
  })

  test('one connection, and an IPv6 peer in brackets', () => {
    const six = peer(0, 5, { remote: [...new Array(15).fill(0), 1], evidence: { family: 6 } })
    const lines = inspect([six], '--suspect-after', '4ms')
    expect(lines[1]).toMatch(/^\[::1\]:50000 /)
    expect(lines[2]).toBe('1 connection on local port 7007, 1 suspect')
  })
})

test('as JSON: one object a line, then a summary', () => {
  const events = inspect([peer(1, 10), peer(2, 130_000)], '--json').map((line) => JSON.parse(line))
  expect(events).toMatchObject([
    {
      event: 'connection',
      remoteAddress: '192.0.2.2',
      remotePort: 50_002,
      keepalive: 'armed',
      timer: { kind: 'keepalive', expiresMs: 4_250 },
      silentMs: 130_000,
      suspect: ['silent for 130.0 s'],
    },
    { event: 'connection', remoteAddress: '192.0.2.1', suspect: [] },
    { event: 'summary', port: 7_007, connections: 2, suspects: 1 },
  ])
})

test('--suspect-after moves the bound', () => {
  const summary = (...args: string[]) => inspect([peer(1, 10_000)], '--json', ...args)[1]
  expect(summary()).toContain('"suspects":0')
  expect(summary('--suspect-after', '9s')).toContain('"suspects":1')
  expect(summary('--suspect-after', '10s')).toContain('"suspects":0')
})

test('where the system lists no sockets, one line says so and names what is needed', () => {
  const missing = Object.assign(new Error('sock_diag ENOENT: no such file'), { code: 'ENOENT' })
  expect(() => inspect(missing)).toThrow(
    expect.objectContaining({
      code: 'ERR_HOLDFAST_SOCK_DIAG',
      cause: missing,
      message: expect.stringMatching(/^this system does not list its sockets: .*ENOENT.*tcp_diag/),
    }),
  )
  expect(printed).toBe('')
})

test.each([
  [['--port', '0'], '--port "0": must be an integer from 1 to 65535'],
  [['--port', 'http'], '--port "http": must be'],
  [['--suspect-after', '12'], '--suspect-after "12": must be a duration'],
  [['--suspect-after', '-1s'], '--suspect-after "-1s"'],
])('%j is refused', (args, message) => {
  expect(() => inspect([], ...args)).toThrow(UsageError)
  expect(() => inspect([], ...args)).toThrow(message)
})

test('without a port it says which are allowed', () => {
  const program = new Command('holdfast').exitOverride()
  addInspect(program, () => new FakeModule())
  expect(() => program.parse(['inspect'], { from: 'user' })).toThrow(
    '--port is missing: an integer from 1 to 65535',
  )
})
