import { expect, test } from 'vitest'
import { choiceArgument, integerArgument, UsageError } from '../../../lib/cli/usage.js'

test('whole numbers within the range pass', () => {
  expect(integerArgument('--port', '0', 0, 65_535)).toBe(0)
  expect(integerArgument('--port', '65535', 0, 65_535)).toBe(65_535)
})

test.each(['', '-1', '65536', '1e3', '0x10', '7 ', '1.5', 'x', '9'.repeat(400)])(
  '%j is no port',
  (text) => {
    expect(() => integerArgument('--port', text, 0, 65_535)).toThrow(UsageError)
  },
)

test('the message names the flag, the text and what is allowed', () => {
  expect(() => integerArgument('--t', 'x', 1, 9, 'ms')).toThrow(
    '--t "x": must be an integer from 1 to 9 ms',
  )
  expect(() => choiceArgument('--io', 'x', ['a', 'b'])).toThrow('--io "x": must be one of a, b')
})
