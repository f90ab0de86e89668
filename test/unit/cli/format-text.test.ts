import { describe, expect, test } from 'vitest'
import type { ServeEvent } from '../../../lib/cli/events.js'
import { formatStack, formatText } from '../../../lib/cli/format-text.js'
import type { DisconnectCompletion } from '../../../lib/core/completion.js'
import { CounterStore } from '../../../lib/core/counters.js'
import { effectiveKeepalive } from '../../../lib/core/effective-keepalive.js'
import { type KeepaliveInput, KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { ProtocolError } from '../../../lib/core/protocol-error.js'
import { asReadBack } from '../../../lib/testing/values.js'

function listening(host: string, input: KeepaliveInput): ServeEvent {
  const policy = KeepalivePolicy.from(input)
  const keepalive = effectiveKeepalive(policy, asReadBack(policy.toNative({ livenessClock: true })))
  return { event: 'listening', host, port: 7007, pid: 1, io: 'epoll', keepalive }
}

describe('the ready line', () => {
  test('tells the address, the policy read back, the bound, and how to try it', () => {
    expect(formatText(listening('127.0.0.1', 'cloud-lb'), 0)).toBe(
      'holdfast listening on 127.0.0.1:7007 keepalive cloud-lb idle 60 s interval 10 s count 6' +
        ' (read back from the kernel), a dead peer is reported within 120 s; try: nc 127.0.0.1 7007',
    )
  })

  test('has no preset for custom values, and the user timeout if there is one', () => {
    const input = { idleMs: 1_000, intervalMs: 1_000, count: 2, userTimeoutMs: 2_800 }
    expect(formatText(listening('::1', input), 0)).toBe(
      'holdfast listening on [::1]:7007 keepalive idle 1 s interval 1 s count 2 user timeout 2800 ms' +
        ' (read back from the kernel), a dead peer is reported within 3 s; try: nc ::1 7007',
    )
  })

  test('says how many warnings stand on stderr', () => {
    const input = { idleMs: 1_500, intervalMs: 1_000, count: 2 }
    expect(formatText(listening('::1', input), 0)).toContain(
      ' within 4 s, 1 warning on stderr; try:',
    )
    const off = KeepalivePolicy.from(false).withPathTimeout(60_000)
    expect(formatText(listening('::1', off), 0)).toContain('reported, 1 warning on stderr; try:')
    const both = KeepalivePolicy.from({ ...input, intervalMs: 1_500 })
    expect(formatText(listening('::1', both), 0)).toContain(', 2 warnings on stderr; try:')
  })

  test('warns when keepalive is off, and tries an address that can be reached', () => {
    expect(formatText(listening('0.0.0.0', false), 0)).toBe(
      'holdfast listening on 0.0.0.0:7007 keepalive off (read back from the kernel),' +
        ' a dead peer may never be reported; try: nc 127.0.0.1 7007',
    )
    expect(formatText(listening('::', false), 0)).toContain('try: nc ::1 7007')
  })
})

const completion: DisconnectCompletion = {
  id: 16_777_216,
  reason: 'keepalive-timeout',
  actor: 'network',
  code: 'ETIMEDOUT',
  errno: -110,
  detectedMs: 3_050,
  bytesRead: 5,
  bytesWritten: 6,
  durationMs: 4_500,
  remoteAddress: '192.0.2.7',
  remotePort: 5_000,
  evidence: { decidedBy: 'kernel', bytesUnsent: 0, bytesUnread: 0, tcp: null },
  hooks: { run: 0, failures: [], late: 0, durationMs: 0 },
}

test('arrivals and refusals', () => {
  const open = { event: 'open', id: 9, remoteAddress: '::1', remotePort: 5 } as const
  expect(formatText(open, 0)).toBe('open 9 [::1]:5')
  expect(formatText({ ...open, remoteAddress: null }, 0)).toBe('open 9 unknown')
  expect(formatText({ event: 'refused', cause: 'emfile', count: 3 }, 0)).toBe('refused 3 emfile')
})

test('a disconnect tells the reason, who caused it, and since when the peer was silent', () => {
  expect(formatText({ event: 'disconnect', completion }, 0)).toBe(
    'disconnect 16777216 192.0.2.7:5000 keepalive-timeout (ETIMEDOUT) by network after 4.5 s,' +
      ' read 5 written 6, last heard 3050 ms before',
  )
})

test('a plain disconnect is shorter, and hooks appear when something went wrong with them', () => {
  const plain = { ...completion, reason: 'peer-end', actor: 'peer', code: null } as const
  expect(formatText({ event: 'disconnect', completion: plain }, 0)).toBe(
    'disconnect 16777216 192.0.2.7:5000 peer-end by peer after 4.5 s, read 5 written 6',
  )
  const hooks = {
    run: 3,
    failures: [{ error: 1, where: 'server' as const }],
    late: 2,
    durationMs: 9,
  }
  expect(formatText({ event: 'disconnect', completion: { ...plain, hooks } }, 0)).toMatch(
    /, hooks failed 1 late 2$/,
  )
})

test.each<[string, 'protocol-error' | 'handler-error', unknown, string]>([
  [
    'of a protocol',
    'protocol-error',
    new ProtocolError('no such op zzz', { offset: 0 }),
    'protocol-error: no such op zzz (byte 0 of the connection)',
  ],
  [
    'of several lines, and with control characters',
    'protocol-error',
    new ProtocolError('one\r\n  two\x1b[31m'),
    'protocol-error: one two [31m',
  ],
  ['of a handler', 'handler-error', new TypeError('no name'), 'handler-error: TypeError: no name'],
  ['that is none', 'handler-error', undefined, 'handler-error: undefined'],
  ['that is long', 'handler-error', 'x'.repeat(9_999), `handler-error: ${'x'.repeat(300)}...`],
  [
    'that cannot be shown',
    'handler-error',
    { toString: () => JSON.parse('{') },
    'handler-error: a value that cannot be shown',
  ],
])('a disconnect ends with its error: one %s', (_, reason, error, shown) => {
  const failed = { ...completion, reason, actor: 'local', code: null, error } as const
  expect(formatText({ event: 'disconnect', completion: failed }, 0)).toBe(
    `disconnect 16777216 192.0.2.7:5000 ${reason} by local after 4.5 s, read 5 written 6, ${shown}`,
  )
})

test('the stack of an error of the handler, or what was thrown', () => {
  const stackOf = (error: unknown) =>
    formatStack({ event: 'disconnect', completion: { ...completion, error } as never })
  expect(stackOf(new TypeError('no name'))).toMatch(
    /^holdfast: handler-error of connection 16777216: TypeError: no name\n +at /,
  )
  expect(stackOf(5)).toBe('holdfast: handler-error of connection 16777216: 5')
})

test('a peer that the system did not tell is unknown', () => {
  const nobody = { ...completion, remoteAddress: null, remotePort: null, detectedMs: null }
  expect(formatText({ event: 'disconnect', completion: nobody }, 0)).toBe(
    'disconnect 16777216 unknown keepalive-timeout (ETIMEDOUT) by network after 4.5 s,' +
      ' read 5 written 6',
  )
})

test('stats name only what happened, throttling and dropped lines if there are any', () => {
  const store = new CounterStore()
  expect(formatText({ event: 'stats', counters: store.snapshot(0, 0, 0) }, 0)).toBe(
    'stats arrived 0 accepted 0 open 0, closed 0, refused 0, read 0 written 0 writes after end 0',
  )
  store.opened()
  store.closed('peer-end')
  store.arrived(3)
  store.refused('memory', 2)
  expect(formatText({ event: 'stats', counters: store.snapshot(0, 4, 0) }, 7)).toBe(
    'stats arrived 3 accepted 1 open 0, closed peer-end 1, refused memory 2,' +
      ' read 0 written 0 writes after end 0, throttled 4, lines dropped 7',
  )
})

test('the last line', () => {
  expect(formatText({ event: 'closed' }, 0)).toBe('closed')
})
