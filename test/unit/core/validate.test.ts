import { expect, test } from 'vitest'
import * as validate from '../../../lib/core/validate.js'

const code = (code: string) => expect.objectContaining({ code })
const TYPE = code('ERR_HOLDFAST_OPTION_TYPE')
const RANGE = code('ERR_HOLDFAST_OPTION_RANGE')

test('integers within the range pass, its ends included', () => {
  expect(validate.integerOption('n', 1, 1, 3)).toBe(1)
  expect(validate.integerOption('n', 3, 1, 3)).toBe(3)
})

test.each([0, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is out of 1 to 3', (value) => {
  expect(() => validate.integerOption('n', value, 1, 3)).toThrow(RANGE)
})

test.each(['1', 1n, null, undefined, {}])('%s is no number', (value) => {
  expect(() => validate.integerOption('n', value, 1, 3, 'ms')).toThrow(TYPE)
})

test('the range and the unit stand in the message', () => {
  expect(() => validate.integerOption('n', 9, 1, 3, 'ms')).toThrow(
    'n must be an integer from 1 to 3 ms; got 9',
  )
})

test('booleans are not guessed from other values', () => {
  expect(validate.booleanOption('b', false)).toBe(false)
  expect(() => validate.booleanOption('b', 0)).toThrow(TYPE)
})

test('a choice is one of its list', () => {
  expect(validate.choiceOption('c', 'a', ['a', 'b'])).toBe('a')
  expect(() => validate.choiceOption('c', 'x', ['a', 'b'])).toThrow(RANGE)
  expect(() => validate.choiceOption('c', 1, ['a', 'b'])).toThrow(TYPE)
})

test('objects are neither null nor arrays', () => {
  const object = {}
  expect(validate.objectOption('o', object)).toBe(object)
  for (const value of [null, [], 'x', undefined, () => {}]) {
    expect(() => validate.objectOption('o', value)).toThrow(TYPE)
  }
})

test('a name that is not known is refused with those that are', () => {
  expect(() => validate.checkOptionNames('listen', { a: 1 }, ['a', 'b'])).not.toThrow()
  expect(() => validate.checkOptionNames('listen', { c: 1 }, ['a', 'b'])).toThrow(
    'listen has no option "c"; known: a, b',
  )
})

test('only functions are functions', () => {
  expect(() => validate.functionOption('f', () => {})).not.toThrow()
  expect(() => validate.functionOption('f', {})).toThrow(TYPE)
})
