import { describe, expect, test } from 'vitest'
import type { DisconnectCompletion } from '../../lib/core/completion.js'
import { boundOf, inconclusive, judge, type Moments } from './judge.js'
import type { Scenario } from './scenario.js'
import { IDLE, QUICK } from './traffic.js'

const SCENARIO: Scenario = {
  name: 'made up',
  topology: 'pair',
  families: ['v4'],
  policy: QUICK,
  traffic: IDLE,
  cut: { name: 'a cut', apply: async () => {} },
  expect: { reason: 'keepalive-timeout', actor: 'network', code: 'ETIMEDOUT', decidedBy: 'kernel' },
  window: { since: 'heard', fromMs: 2_900, toMs: 3_700 },
  witness: {},
}

const COMPLETION: DisconnectCompletion = {
  id: 1,
  reason: 'keepalive-timeout',
  actor: 'network',
  code: 'ETIMEDOUT',
  errno: -110,
  detectedMs: 3_050,
  bytesRead: 0,
  bytesWritten: 0,
  durationMs: 3_500,
  remoteAddress: '10.0.0.2',
  remotePort: 1,
  evidence: { decidedBy: 'kernel', bytesUnsent: 0, bytesUnread: 0, tcp: null },
  hooks: { run: 0, failures: [], late: 0, durationMs: 0 },
}

/** The cut took 20 ms, and the report came `afterMs` later. */
function moments(afterMs: number | null, changed: Partial<Moments> = {}): Moments {
  const reportMs = afterMs === null ? null : 1_020 + afterMs
  return { cutFromMs: 1_000, cutToMs: 1_020, undoLateMs: 0, reportMs, ...changed }
}

test('the bound is the detection time, 5 % and a second', () => {
  expect(boundOf(SCENARIO)).toBe(3_000 * 1.05 + 1_000)
})

test('a report as declared is right', () => {
  expect(judge(SCENARIO, COMPLETION, moments(2_900))).toEqual([])
})

describe('what is wrong with a report', () => {
  test.each<[string, Partial<DisconnectCompletion> | null, number | null, RegExp]>([
    ['there is none', null, null, /^not reported, but keepalive-timeout was to be/],
    ['another reason', { reason: 'send-timeout' }, 2_900, /reason is send-timeout/],
    ['another actor', { actor: 'peer' }, 2_900, /actor is peer/],
    ['another code', { code: 'EHOSTUNREACH' }, 2_900, /code is EHOSTUNREACH/],
    [
      'the clock decided',
      { evidence: { ...COMPLETION.evidence, decidedBy: 'liveness-clock' } },
      2_900,
      /decidedBy/,
    ],
    ['after the bound', {}, 4_200, /4200 ms after the cut, the bound is 4150/],
    ['before the window', { detectedMs: 2_800 }, 2_700, /2800 ms since heard/],
    ['after the window', { detectedMs: 3_800 }, 3_600, /3800 ms since heard/],
    ['nobody knows since when', { detectedMs: null }, 2_900, /NaN ms since heard/],
  ])('%s', (_, changed, afterMs, problem) => {
    const completion = changed === null ? null : { ...COMPLETION, ...changed }
    expect(judge(SCENARIO, completion, moments(afterMs)).join('\n')).toMatch(problem)
  })

  test('any report of a peer that lives', () => {
    const live: Scenario = { ...SCENARIO, cut: null, expect: null, holdMs: 5_000 }
    expect(judge(live, null, moments(null))).toEqual([])
    expect(judge(live, COMPLETION, moments(2_900))).toEqual([
      'reported keepalive-timeout ETIMEDOUT',
    ])
  })
})

test('a run that was not made as declared says so and nothing else', () => {
  expect(inconclusive(SCENARIO, moments(2_900))).toBeNull()
  const slow = moments(2_900, { cutFromMs: -500 })
  expect(inconclusive(SCENARIO, slow)).toMatch(/the cut took 1520 ms and was undone 0 ms late/)
  expect(judge(SCENARIO, null, slow)).toEqual([inconclusive(SCENARIO, slow)])
  const late = moments(null, { undoLateMs: 1_490 })
  expect(judge(SCENARIO, COMPLETION, late)).toEqual([inconclusive(SCENARIO, late)])
})

test('the room for delays is the scenario’s, and cut and undo share it', () => {
  const narrow: Scenario = { ...SCENARIO, roomMs: 800 }
  const half = { cutFromMs: 600, undoLateMs: 380 }
  expect(inconclusive(narrow, moments(2_900, half))).toBeNull()
  expect(inconclusive(narrow, moments(2_900, { ...half, undoLateMs: 400 }))).toMatch(
    /^the cut took 420 ms and was undone 400 ms late, 800 ms are allowed for both/,
  )
})
