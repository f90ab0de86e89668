import { expect, test } from 'vitest'
import {
  amountArgument,
  countArgument,
  durationArgument,
  shareArgument,
} from '../../../lib/cli/quantities.js'
import { UsageError } from '../../../lib/cli/usage.js'

test.each([
  ['500ms', 500],
  ['40s', 40_000],
  ['4min', 240_000],
  ['4m', 240_000],
  ['1.5m', 90_000],
  ['1h', 3_600_000],
  ['1.5s', 1_500],
  ['0.1min', 6_000],
  ['2.25h', 8_100_000],
  ['0.001s', 1],
  ['16.1min', 966_000],
  ['0s', 0],
])('%s is %i ms', (text, ms) => {
  expect(durationArgument('--within', text, 0)).toBe(ms)
})

test.each([
  ...['', '40', 's', '-1s', '1M', '1 s', '1S', '40sec', '1e3s', '.5s', '1.s', '0x1s', '1s2'],
  ...['0.5ms', '0.0001s', '1234567890s'],
])('%j is no duration', (text) => {
  const read = () => durationArgument('--within', text, 0)
  expect(read).toThrow(UsageError)
  expect(read).toThrow(
    `--within ${JSON.stringify(text)}: must be a duration: a number and a unit (ms, s, min or h), such as 500ms or 40s or 4min`,
  )
})

test.each(['500ms', '1999ms', '1.9s', '40'])('%s is refused where 2 s are the least', (text) => {
  expect(durationArgument('--within', '2s', 2_000)).toBe(2_000)
  expect(() => durationArgument('--within', text, 2_000)).toThrow(
    `--within "${text}": must be a duration of at least 2000 ms: a number and a unit (ms, s, min or h), such as 40s or 4min`,
  )
})

test.each([0, 500, 501, 2_000, 40_001])('no example is below a least of %i ms', (minMs) => {
  const read = (text: string) => durationArgument('--within', text, minMs)
  const message = (() => {
    try {
      return `${read('x')}`
    } catch (error) {
      return (error as UsageError).message
    }
  })()
  const [, examples = ''] = /, such as (.+)$/.exec(message) ?? []
  for (const example of examples.split(' or ')) {
    expect(read(example)).toBeGreaterThanOrEqual(minMs)
  }
})

test.each([
  ['1%', 0.01],
  ['0.01', 0.01],
  ['0', 0],
  ['0%', 0],
  ['100%', 1],
  ['1', 1],
  ['1e-6', 1e-6],
  ['0.5%', 0.005],
])('%s is a share of %d', (text, share) => {
  expect(shareArgument('--loss', text, 'a share')).toBe(share)
})

test.each(['', '%', '101%', '1.1', '-1%', '1 %', 'one', '1%%', 'NaN', '1e999'])(
  '%j is no share',
  (text) => {
    expect(() => shareArgument('--loss', text, 'a share')).toThrow(
      `--loss ${JSON.stringify(text)}: must be a share`,
    )
  },
)

test('an amount is a number from 0 to its maximum', () => {
  expect(amountArgument('--price-per-gb', '0.09', 100)).toBe(0.09)
  expect(amountArgument('--price-per-gb', '0', 100)).toBe(0)
  expect(amountArgument('--price-per-gb', '100', 100)).toBe(100)
  for (const text of ['', '-1', '$1', '0,09', 'Infinity', '1e999', '1e305', '100.1']) {
    expect(() => amountArgument('--price-per-gb', text, 100)).toThrow(
      `--price-per-gb ${JSON.stringify(text)}: must be a number from 0 to 100`,
    )
  }
})

test.each([
  ['1', 1],
  ['1000000', 1_000_000],
  ['1e6', 1_000_000],
  ['1.5E6', 1_500_000],
  ['1,000,000', 1_000_000],
  ['1_000_000', 1_000_000],
  ['12,000', 12_000],
  ['1,000,000,000', 1_000_000_000],
])('%s is a count of %i', (text, count) => {
  expect(countArgument('--connections', text, 1_000_000_000)).toBe(count)
})

test.each([
  ...['', '0', '-1', '1.5', '1e-1', '1e10', '1,5', '1,0000', '1000,000', '1,000_000', ',000'],
  ...['1,000,', '1_', '1 000', '1.000.000', '1,000.5', '0x10', 'many', '1,000,000,001'],
])('%j is no count', (text) => {
  const read = () => countArgument('--connections', text, 1_000_000_000)
  expect(read).toThrow(UsageError)
  expect(read).toThrow(
    `--connections ${JSON.stringify(text)}: must be an integer from 1 to 1000000000, such as 1000000, 1e6 or 1,000,000`,
  )
})
