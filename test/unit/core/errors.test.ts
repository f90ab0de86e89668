import { describe, expect, test } from 'vitest'
import * as errors from '../../../lib/core/errors.js'

describe('printValue', () => {
  const { printValue } = errors

  test.each([
    ['text', '"text"'],
    ['two\nlines', '"two\\nlines"'],
    [12.5, '12.5'],
    [Number.NaN, 'NaN'],
    [12n, '12n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [[1], 'an array'],
    [{}, 'an object'],
    [() => {}, 'a function'],
    [Symbol('s'), 'a symbol'],
  ])('prints %s as %s', (value, printed) => {
    expect(printValue(value)).toBe(printed)
  })

  test('shortens long texts', () => {
    expect(printValue('x'.repeat(10_000))).toHaveLength(63)
  })

  test('never runs code of the value', () => {
    const hostile = {
      toString: () => expect.unreachable(),
      toJSON: () => expect.unreachable(),
      get x() {
        return expect.unreachable()
      },
    }
    expect(printValue(hostile)).toBe('an object')
  })
})

test('a type error names option, value and what is allowed', () => {
  const error = errors.optionType('port', 'x', 'a number')
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({
    name: 'HoldfastTypeError',
    code: 'ERR_HOLDFAST_OPTION_TYPE',
    message: 'port must be a number; got "x"',
  })
})

test('a range error names option, value and range', () => {
  const error = errors.optionRange('port', 70_000, 'from 0 to 65535')
  expect(error).toBeInstanceOf(RangeError)
  expect(error).toMatchObject({
    name: 'HoldfastRangeError',
    code: 'ERR_HOLDFAST_OPTION_RANGE',
    message: 'port must be from 0 to 65535; got 70000',
  })
})

test('what is unknown is answered with the list of what is known', () => {
  const known = ['a', 'b']
  expect(errors.unknownOption('listen', 'x', known)).toMatchObject({
    code: 'ERR_HOLDFAST_UNKNOWN_OPTION',
    message: 'listen has no option "x"; known: a, b',
  })
  expect(errors.unknownPreset('x', known)).toMatchObject({
    code: 'ERR_HOLDFAST_UNKNOWN_PRESET',
    message: 'keepalive has no preset "x"; known: a, b',
  })
  expect(errors.unknownProtocol('x', known)).toMatchObject({
    code: 'ERR_HOLDFAST_UNKNOWN_PROTOCOL',
    message: 'there is no protocol "x"; known: a, b',
  })
})

test('a call that came too late says so', () => {
  expect(errors.connectionClosed('keepalive')).toMatchObject({
    code: 'ERR_HOLDFAST_CLOSED',
    message: 'keepalive: the connection has ended',
  })
})
