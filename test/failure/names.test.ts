import { describe, expect, test } from 'vitest'
import type { DisconnectCompletion } from '../../lib/core/completion.js'
import { actorOf, type DisconnectReason } from '../../lib/core/reasons.js'
import { readTcpInfo, type TcpInfo } from '../../lib/core/tcp-info.js'
import { EVIDENCE } from '../../lib/native/records.js'
import { catalogue } from './catalogue.js'
import { misnomers } from './names.js'

// The rules that every run of the laboratory is held to, shown to refuse what they are there for.

const ETIMEDOUT = -110
const ECONNRESET = -104
const EHOSTUNREACH = -113
const ECONNABORTED = -103

const KNOWN = { detectionMs: 3_000, finSent: false, userTimeout: false }

interface Made {
  reason: DisconnectReason
  code: string | null
  errno: number
  detectedMs?: number | null
  bytesWritten?: number
  decidedBy?: DisconnectCompletion['evidence']['decidedBy']
  tcp?: Partial<TcpInfo> | null
}

function made({ reason, code, errno, tcp = {}, ...rest }: Made): DisconnectCompletion {
  return {
    id: 1,
    reason,
    actor: actorOf(reason),
    code,
    errno,
    detectedMs: rest.detectedMs === undefined ? 3_050 : rest.detectedMs,
    bytesRead: 0,
    bytesWritten: rest.bytesWritten ?? 0,
    durationMs: 4_000,
    remoteAddress: '10.0.0.2',
    remotePort: 1,
    evidence: {
      decidedBy: rest.decidedBy ?? 'kernel',
      bytesUnsent: 0,
      bytesUnread: 0,
      tcp: tcp === null ? null : { ...ZEROS, state: stateOf(rest.decidedBy, code), ...tcp },
    },
    hooks: { run: 0, failures: [], late: 0, durationMs: 0 },
  }
}

function stateOf(decidedBy: Made['decidedBy'], code: string | null): string {
  return decidedBy === 'liveness-clock' || code === null ? 'established' : 'close'
}

const WORDS = new Float64Array(Object.keys(EVIDENCE).length)
WORDS[EVIDENCE.hasTcpInfo] = 1
const ZEROS = readTcpInfo(WORDS, 0) as TcpInfo

const SILENT = { reason: 'keepalive-timeout', code: 'ETIMEDOUT', errno: ETIMEDOUT } as const
const UNSENT = {
  reason: 'send-timeout',
  code: 'ETIMEDOUT',
  errno: ETIMEDOUT,
  bytesWritten: 100,
  decidedBy: 'liveness-clock',
} as const
const REFUSED = {
  ...UNSENT,
  reason: 'unreachable',
  code: 'EHOSTUNREACH',
  errno: EHOSTUNREACH,
} as const
const RESET = { reason: 'peer-reset', code: 'ECONNRESET', errno: ECONNRESET } as const
const KILLED = { reason: 'io-error', code: 'ECONNABORTED', errno: ECONNABORTED } as const

describe('names that the evidence bears out', () => {
  test.each<[string, Made]>([
    ['two probes unanswered, nothing outstanding', { ...SILENT, tcp: { probes: 2 } }],
    ['three retransmissions unanswered', { ...UNSENT, tcp: { retransmits: 3 } }],
    ['window probes unanswered', { ...UNSENT, tcp: { probes: 2 } }],
    ['an ICMP answer to retransmissions', { ...REFUSED, tcp: { retransmits: 3 } }],
    ['a reset, which the kernel’s clock does not count', { ...RESET, detectedMs: null }],
    ['a socket destroyed by an operator', KILLED],
    ['an end without an error', { reason: 'local-abort', code: null, errno: 0 }],
  ])('%s', (_, completion) => {
    expect(misnomers(made(completion), KNOWN)).toEqual([])
  })
})

describe('names that the evidence contradicts', () => {
  const probed = { probes: 2 }
  const retried = { retransmits: 3 }
  test.each<[string, Made, RegExp]>([
    ['no evidence at all', { ...SILENT, tcp: null }, /without TCP_INFO/],
    ['keepalive with bytes unacknowledged', { ...SILENT, bytesWritten: 5, tcp: probed }, /5 bytes/],
    ['keepalive without a probe', SILENT, /no probe/],
    ['keepalive after retransmissions', { ...SILENT, tcp: { ...probed, ...retried } }, /were 3/],
    ['keepalive decided by the clock', { ...SILENT, decidedBy: 'liveness-clock' }, /other names/],
    ['send-timeout with all acknowledged', { ...UNSENT, bytesWritten: 0, tcp: retried }, /nothing/],
    ['send-timeout, and nobody asked', { ...UNSENT, decidedBy: 'kernel' }, /never asked/],
    ['the clock after one question', { ...UNSENT, tcp: { retransmits: 1 } }, /not twice/],
    ['the clock before its time', { ...UNSENT, detectedMs: 2_900, tcp: retried }, /after 2900 ms/],
    [
      'unreachable by silence',
      { ...REFUSED, code: 'ETIMEDOUT', errno: ETIMEDOUT, tcp: retried },
      /ICMP/,
    ],
    [
      'an error of the kernel’s on a living socket',
      { ...RESET, tcp: { state: 'established' } },
      /its state is established/,
    ],
    ['a reset that claims silence', { ...RESET, detectedMs: 900 }, /900 ms of silence/],
    [
      'a system error that has a name',
      { ...KILLED, code: 'EHOSTUNREACH', errno: EHOSTUNREACH },
      /another name/,
    ],
    ['an orderly end with an error', { ...RESET, reason: 'peer-end' }, /no error/],
    ['a code that is not the errno’s', { ...RESET, errno: ETIMEDOUT, detectedMs: null }, /errno/],
  ])('%s', (_, completion, complaint) => {
    expect(misnomers(made(completion), KNOWN).join('\n')).toMatch(complaint)
  })
})

test('each name that these rules speak of is expected by a scenario', () => {
  const expected = new Set(catalogue.map((scenario) => scenario.expect?.reason))
  const spokenOf: DisconnectReason[] = [
    'keepalive-timeout',
    'send-timeout',
    'unreachable',
    'peer-reset',
    'io-error',
    'local-abort',
  ]
  expect([...expected]).toEqual(expect.arrayContaining(spokenOf))
})

test('a FIN of ours counts as a byte that wants its acknowledgement', () => {
  const silent = made({ ...SILENT, tcp: { probes: 2 } })
  expect(misnomers(silent, { ...KNOWN, finSent: true })).toHaveLength(1)
  const acknowledged = made({ ...SILENT, tcp: { probes: 2, bytesAcked: 1 } })
  expect(misnomers(acknowledged, { ...KNOWN, finSent: true })).toEqual([])
})
