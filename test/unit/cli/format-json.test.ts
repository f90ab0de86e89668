import { expect, test } from 'vitest'
import type { ServeEvent } from '../../../lib/cli/events.js'
import { formatJson } from '../../../lib/cli/format-json.js'
import type { DisconnectCompletion } from '../../../lib/core/completion.js'
import { CounterStore } from '../../../lib/core/counters.js'
import { ProtocolError } from '../../../lib/core/protocol-error.js'

const completion: DisconnectCompletion = {
  id: 9,
  reason: 'peer-end',
  actor: 'peer',
  code: null,
  errno: 0,
  detectedMs: 0,
  bytesRead: 1,
  bytesWritten: 2,
  durationMs: 3,
  remoteAddress: '192.0.2.7',
  remotePort: 5_000,
  evidence: { decidedBy: 'kernel', bytesUnsent: 0, bytesUnread: null, tcp: null },
  hooks: { run: 1, failures: [], late: 0, durationMs: 0.5 },
}

const parsed = (event: ServeEvent, dropped = 0) => {
  const line = formatJson(event, dropped)
  expect(line).not.toContain('\n')
  return JSON.parse(line) as Record<string, unknown>
}

test('a disconnect has the promised fields', () => {
  expect(parsed({ event: 'disconnect', completion })).toEqual({
    event: 'disconnect',
    id: 9,
    reason: 'peer-end',
    actor: 'peer',
    code: null,
    detectedMs: 0,
    bytesRead: 1,
    bytesWritten: 2,
    durationMs: 3,
    evidence: { decidedBy: 'kernel', bytesUnsent: 0, bytesUnread: null, tcp: null },
    hooks: { run: 1, failures: [], late: 0, durationMs: 0.5 },
  })
})

test('errors are told by their text', () => {
  const hooks = {
    ...completion.hooks,
    failures: [{ error: new Error('hook'), where: 'server' as const }],
  }
  const failed = { ...completion, error: new TypeError('thrown'), hooks }
  expect(parsed({ event: 'disconnect', completion: failed })).toMatchObject({
    error: 'TypeError: thrown',
    hooks: { failures: [{ where: 'server', error: 'Error: hook' }] },
  })
})

test('what an error tells besides its text', () => {
  const details = (reason: string, error: unknown) =>
    parsed({ event: 'disconnect', completion: { ...completion, reason, error } as never })
      .errorDetails
  expect(details('protocol-error', new ProtocolError('x', { offset: 3, limit: 2 }))).toEqual({
    code: 'ERR_HOLDFAST_PROTOCOL',
    offset: 3,
    limit: 2,
  })
  expect(details('protocol-error', new ProtocolError('x'))).toEqual({
    code: 'ERR_HOLDFAST_PROTOCOL',
  })
  const error = Object.assign(new Error('x'), { code: 'ENOENT' })
  expect(details('handler-error', error)).toEqual({ code: 'ENOENT', stack: error.stack })
  expect(details('handler-error', null)).toEqual({})
})

test('stats carry all counters and what could not be printed', () => {
  const counters = new CounterStore().snapshot(0, 0, 0)
  expect(parsed({ event: 'stats', counters }, 4)).toEqual({
    event: 'stats',
    ...counters,
    linesDropped: 4,
  })
})

test('the other events are printed as they are', () => {
  const open = { event: 'open', id: 9, remoteAddress: '::1', remotePort: 5 } as const
  expect(parsed(open)).toEqual(open)
  const refused = { event: 'refused', cause: 'emfile', count: 2 } as const
  expect(parsed(refused)).toEqual(refused)
  expect(parsed({ event: 'closed' })).toEqual({ event: 'closed' })
})
