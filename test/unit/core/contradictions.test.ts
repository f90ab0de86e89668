import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ListenOptions, resolveListenOptions } from '../../../lib/core/options.js'

type Given = Omit<Partial<ListenOptions>, 'handler' | 'port'>

interface Contradiction {
  refused: Given
  /** What the error says of the option, the other one, and the value. */
  says: string
  /** As close as it may be. */
  allowed: Given
}

const limits = (refused: object, says: string, allowed: object): Contradiction => ({
  refused: { limits: refused as Given['limits'] & object },
  says,
  allowed: { limits: allowed as Given['limits'] & object },
})

const MESSAGE_MISSING = "1 to 4096 bytes, for limits.whenFull or limits.whenRefused is 'message'"

/** Each row of the guide's table: what is given, when it is refused, and what holds that. */
const ROWS: [given: string, when: string, contradictions: Contradiction[]][] = [
  [
    '`limits.connectionsPerAddress`, `limits.rules[i].connections`',
    'above `limits.connections`',
    [
      limits(
        { connections: 10, connectionsPerAddress: 11 },
        'limits.connectionsPerAddress must be at most limits.connections (10); got 11',
        { connections: 10, connectionsPerAddress: 10 },
      ),
      limits(
        { connections: 5, rules: [{ cidr: '::1', connections: 6 }] },
        'limits.rules[0].connections must be at most limits.connections (5); got 6',
        { connections: 5, rules: [{ cidr: '::1', connections: 5 }] },
      ),
    ],
  ],
  [
    '`limits.acceptsPerSecondPerAddress`',
    'above `limits.acceptsPerSecond`',
    [
      limits(
        { acceptsPerSecond: 10, acceptsPerSecondPerAddress: 11 },
        'limits.acceptsPerSecondPerAddress must be at most limits.acceptsPerSecond (10); got 11',
        { acceptsPerSecond: 10, acceptsPerSecondPerAddress: 10 },
      ),
    ],
  ],
  [
    '`limits.acceptBurstPerAddress`',
    'above `limits.acceptBurst`, given or not, where both rates are given',
    [
      limits(
        {
          ...{ acceptsPerSecond: 10, acceptBurst: 2 },
          ...{ acceptsPerSecondPerAddress: 10, acceptBurstPerAddress: 3 },
        },
        'limits.acceptBurstPerAddress must be at most limits.acceptBurst (2); got 3',
        {
          ...{ acceptsPerSecond: 10, acceptBurst: 2 },
          ...{ acceptsPerSecondPerAddress: 10, acceptBurstPerAddress: 2 },
        },
      ),
      limits(
        { acceptsPerSecond: 10, acceptsPerSecondPerAddress: 5, acceptBurstPerAddress: 11 },
        'limits.acceptBurstPerAddress must be at most limits.acceptBurst (10); got 11',
        { acceptsPerSecondPerAddress: 5, acceptBurstPerAddress: 11 },
      ),
    ],
  ],
  [
    '`limits.v4Bits`, `limits.v6Bits`',
    'without `limits.connectionsPerAddress` and `limits.acceptsPerSecondPerAddress`',
    [
      limits(
        { v4Bits: 24, connections: 5 },
        'limits.v4Bits must be left out without limits.connectionsPerAddress or limits.acceptsPerSecondPerAddress; got 24',
        { v4Bits: 24, connectionsPerAddress: 5 },
      ),
      limits(
        { v6Bits: 48, acceptsPerSecond: 5 },
        'limits.v6Bits must be left out without limits.connectionsPerAddress or limits.acceptsPerSecondPerAddress; got 48',
        { v6Bits: 48, acceptsPerSecondPerAddress: 5 },
      ),
    ],
  ],
  [
    '`limits.rules[i].connections`',
    "in a rule whose `action` is `'deny'`",
    [
      limits(
        { rules: [{ cidr: '::1', action: 'deny', connections: 5 }] },
        "limits.rules[0].connections must be left out where limits.rules[0].action is 'deny'; got 5",
        { rules: [{ cidr: '::1', action: 'allow', connections: 5 }] },
      ),
    ],
  ],
  [
    '`limits.rules[i].cidr`',
    'a network that another rule has, however it is written; or has bits beyond its length: the error names the network that it should be',
    [
      limits(
        { rules: [{ cidr: '::1', action: 'deny' }, { cidr: '0:0::1' }] },
        'limits.rules[1].cidr must be another network than limits.rules[0].cidr ("::1"); got "0:0::1"',
        { rules: [{ cidr: '::1', action: 'deny' }, { cidr: '0:0::2' }] },
      ),
      limits(
        { rules: [{ cidr: '10.0.0.0/8' }, { cidr: '::1' }, { cidr: '::ffff:10.0.0.0/104' }] },
        'limits.rules[2].cidr must be another network than limits.rules[0].cidr ("10.0.0.0/8"); got "::ffff:10.0.0.0/104"',
        { rules: [{ cidr: '10.0.0.0/8' }, { cidr: '10.0.0.0/9' }, { cidr: '::/8' }] },
      ),
      limits(
        { rules: [{ cidr: '127.9.9.9/8' }] },
        'limits.rules[0].cidr must be a network without bits beyond its length, as 127.0.0.0/8 is; got "127.9.9.9/8"',
        { rules: [{ cidr: '127.0.0.0/8' }] },
      ),
    ],
  ],
  [
    '`lowWatermarkBytes`',
    'above `highWatermarkBytes`',
    [
      {
        refused: { highWatermarkBytes: 10, lowWatermarkBytes: 11 },
        says: 'lowWatermarkBytes must be at most highWatermarkBytes (10); got 11',
        allowed: { highWatermarkBytes: 10, lowWatermarkBytes: 10 },
      },
    ],
  ],
  [
    '`highWatermarkBytes`',
    'not below `maxQueuedBytes`, or above `limits.queuedBytes`',
    [
      {
        refused: { maxQueuedBytes: 70_000, highWatermarkBytes: 70_000 },
        says: 'maxQueuedBytes must be more than highWatermarkBytes (70000); got 70000',
        allowed: { maxQueuedBytes: 70_000, highWatermarkBytes: 69_999 },
      },
      {
        refused: { highWatermarkBytes: 70_001, limits: { queuedBytes: 70_000 } },
        says: 'limits.queuedBytes must be at least highWatermarkBytes (70001); got 70000',
        allowed: { highWatermarkBytes: 70_000, limits: { queuedBytes: 70_000 } },
      },
    ],
  ],
  [
    '`maxQueuedBytes`',
    'above `limits.queuedBytes`; left out it may be',
    [
      {
        refused: { maxQueuedBytes: 80_001, limits: { queuedBytes: 80_000 } },
        says: 'maxQueuedBytes must be at most limits.queuedBytes (80000); got 80001',
        allowed: { maxQueuedBytes: 80_000, limits: { queuedBytes: 80_000 } },
      },
    ],
  ],
  [
    '`limits.readBurstBytes`, `limits.pingBurst`',
    'below a tenth of `limits.readBytesPerSecond`, a 600th of `limits.pingsPerMinute`',
    [
      limits(
        { readBytesPerSecond: 1000, readBurstBytes: 99 },
        'limits.readBurstBytes must be at least a tenth of limits.readBytesPerSecond (1000); got 99',
        { readBytesPerSecond: 1000, readBurstBytes: 100 },
      ),
      limits(
        { pingsPerMinute: 6000, pingBurst: 9 },
        'limits.pingBurst must be at least a 600th of limits.pingsPerMinute (6000); got 9',
        { pingsPerMinute: 6000, pingBurst: 10 },
      ),
    ],
  ],
  [
    '`limits.acceptBurst`, `limits.acceptBurstPerAddress`, `limits.readBurstBytes`, `limits.pingBurst`, `limits.whenFast`, `limits.whenPinging`',
    'without its rate',
    [
      ['acceptBurst', 5, 'acceptsPerSecond'],
      ['acceptBurstPerAddress', 5, 'acceptsPerSecondPerAddress'],
      ['readBurstBytes', 500, 'readBytesPerSecond'],
      ['pingBurst', 5, 'pingsPerMinute'],
      ['whenFast', 'end', 'readBytesPerSecond'],
      ['whenPinging', 'throttle', 'pingsPerMinute'],
    ].map(([name = '', value, rate = '']) =>
      limits(
        { [name]: value },
        `limits.${name} must be left out without limits.${rate}; got ${JSON.stringify(value)}`,
        { [name]: value, [rate]: 500 },
      ),
    ),
  ],
  [
    '`limits.refusalMessage`',
    "given without a consequence `'message'`, or left out with one",
    [
      limits(
        { refusalMessage: 'full' },
        "limits.refusalMessage must be left out unless limits.whenFull or limits.whenRefused is 'message'",
        { refusalMessage: 'full', whenRefused: 'message' },
      ),
      limits({ whenFull: 'message' }, MESSAGE_MISSING, { whenFull: 'reset' }),
      limits({ whenRefused: 'message' }, MESSAGE_MISSING, { whenRefused: 'reset' }),
    ],
  ],
  [
    '`deadlines.lifetimeJitterMs`',
    'not below `deadlines.lifetimeMs`, or without it',
    [
      {
        refused: { deadlines: { lifetimeMs: 1000, lifetimeJitterMs: 1000 } },
        says: 'deadlines.lifetimeJitterMs must be less than deadlines.lifetimeMs (1000); got 1000',
        allowed: { deadlines: { lifetimeMs: 1000, lifetimeJitterMs: 999 } },
      },
      {
        refused: { deadlines: { lifetimeJitterMs: 100 } },
        says: 'deadlines.lifetimeJitterMs must be left out without deadlines.lifetimeMs; got 100',
        allowed: { deadlines: { lifetimeMs: 101, lifetimeJitterMs: 100 } },
      },
    ],
  ],
  [
    '`heartbeat.replyMs`',
    'above `heartbeat.intervalMs`',
    [
      {
        refused: { heartbeat: { intervalMs: 1000, replyMs: 1001 } },
        says: 'heartbeat.replyMs must be at most heartbeat.intervalMs (1000); got 1001',
        allowed: { heartbeat: { intervalMs: 1000, replyMs: 1000 } },
      },
    ],
  ],
]

/** The cells of the rows below that heading of the guide. */
function tableBelow(heading: string): string[][] {
  const page = path.resolve(import.meta.dirname, '../../../docs/guide/limits.md')
  const section = readFileSync(page, 'utf8').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(1).map((row) => row.slice(2, -2).split(' | '))
}

const resolve = (given: Given) =>
  resolveListenOptions({ port: 0, handler: { heartbeat() {} }, ...given })

test('the guide has each of these, and no other', () => {
  expect(tableBelow('Limits that contradict each other')).toEqual(
    ROWS.map(([given, when]) => [given, when]),
  )
})

describe.each(ROWS)('%s: refused when %s', (_given, _when, contradictions) => {
  test.each(contradictions)('$says', ({ refused, says, allowed }) => {
    expect(() => resolve(refused)).toThrow(
      expect.objectContaining({
        code: 'ERR_HOLDFAST_OPTION_RANGE',
        message: expect.stringContaining(says),
      }),
    )
    expect(() => resolve(allowed)).not.toThrow()
  })
})

test('the default of maxQueuedBytes contradicts nothing', () => {
  expect(resolve({ limits: { queuedBytes: 1_000_000 } })).toMatchObject({
    ...{ maxQueuedBytes: 67_108_864, queueMemoryBytes: 1_000_000 },
  })
})

test('the default of a burst per address is at most the burst of all', () => {
  const given = { acceptsPerSecond: 100, acceptBurst: 5, acceptsPerSecondPerAddress: 50 }
  expect(resolve({ limits: given }).limits).toMatchObject({ burst: 5, burstPerAddress: 5 })
  const alone = resolve({ limits: { acceptsPerSecondPerAddress: 50 } }).limits
  expect(alone).toMatchObject({ burst: 0, burstPerAddress: 50 })
})
