import { describe, expect, test } from 'vitest'
import { keepaliveSeen, suspicions } from '../../../lib/cli/suspects.js'
import { readPortRows } from '../../../lib/core/socket-row.js'
import { type FakeRow, fakeRows } from '../../support/fake-rows.js'

function socket({ fields, evidence, ...row }: FakeRow) {
  const [made] = readPortRows(
    fakeRows([
      {
        ...row,
        fields: { state: 1, inode: 7, ...fields },
        evidence: { family: 4, hasTcpInfo: 1, detectedMs: 1_000, ...evidence },
      },
    ]),
  )
  if (made === undefined) throw new Error('no socket was made')
  return made
}

const afterMs = 120_000

describe('whether keepalive is armed', () => {
  test.each([
    ['armed', 'keepalive', {}],
    ['not armed', 'none', {}],
    ['hidden', 'retransmit', {}],
    ['hidden', 'window-probe', {}],
    ['closing', 'time-wait', { state: 5, inode: 0 }],
    // The timer that ends an orphan in fin-wait-2 is told as keepalive.
    ['closing', 'keepalive', { state: 5, inode: 0 }],
    // After shutdown(2) its process still holds it.
    ['armed', 'keepalive', { state: 5 }],
    // Nobody has accepted it yet.
    ['armed', 'keepalive', { state: 1, inode: 0 }],
  ] as const)('%s: timer %s, %j', (expected, timer, fields) => {
    expect(keepaliveSeen(socket({ timer, fields }))).toBe(expected)
  })
})

describe('suspicions', () => {
  test.each<[string, FakeRow, string[]]>([
    ['an idle peer with keepalive', { timer: 'keepalive' }, []],
    ['an idle peer without', { timer: 'none' }, []],
    ['data on its way', { timer: 'retransmit', evidence: { unacked: 3 } }, []],
    [
      'a closed window, each probe answered',
      { timer: 'window-probe', evidence: { probes: 0 } },
      [],
    ],
    [
      'a keepalive probe without an answer',
      { timer: 'keepalive', evidence: { probes: 1 } },
      ['1 keepalive probe unanswered'],
    ],
    ['a closed window, one probe', { timer: 'window-probe', evidence: { probes: 1 } }, []],
    [
      'a closed window, two probes',
      { timer: 'window-probe', evidence: { probes: 2 } },
      ['window closed and 2 window probes unanswered'],
    ],
    [
      'a closed window and no answer',
      { timer: 'window-probe', evidence: { probes: 3 } },
      ['window closed and 3 window probes unanswered'],
    ],
    [
      'data sent again and again',
      { timer: 'retransmit', evidence: { retransmits: 2 } },
      ['retransmitted 2 times without an answer'],
    ],
    [
      'silence, although keepalive asks',
      { timer: 'keepalive', evidence: { detectedMs: 120_001 } },
      ['silent for 120.0 s'],
    ],
    [
      'silence, and nobody asks',
      { timer: 'none', evidence: { detectedMs: 7_200_000 } },
      ['no keepalive armed and silent for 7200.0 s'],
    ],
    [
      'silence behind retransmissions',
      { timer: 'retransmit', evidence: { retransmits: 1, detectedMs: 130_000 } },
      ['retransmitted 1 time without an answer', 'silent for 130.0 s'],
    ],
    ['silence that is just not too long', { timer: 'none', evidence: { detectedMs: afterMs } }, []],
    [
      'a system that does not tell the silence',
      { timer: 'none', evidence: { detectedMs: -1 } },
      [],
    ],
    ['a remnant without TCP_INFO', { timer: 'time-wait', evidence: { hasTcpInfo: 0 } }, []],
  ])('%s', (_name, row, expected) => {
    expect(suspicions(socket(row), afterMs)).toEqual(expected)
  })
})
