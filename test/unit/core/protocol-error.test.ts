import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ProtocolError } from '../../../lib/index.js'

test('the message ends with the place, once', () => {
  const { message, offset } = new ProtocolError('no such op', { offset: 7 })
  expect({ message, offset }).toEqual({
    message: 'no such op (byte 7 of the connection)',
    offset: 7,
  })
  const said = 'no such op (byte 7 of the connection)'
  expect(new ProtocolError(said, { offset: 7 }).message).toBe(said)
})

test('a place that is known later is told in the message and in what is printed', () => {
  const error = new ProtocolError('no such op')
  expect({ message: error.message, offset: error.offset }).toEqual({
    message: 'no such op',
    offset: null,
  })
  error.offset ??= 0
  error.offset ??= 9
  expect(error.message).toBe('no such op (byte 0 of the connection)')
  expect(inspect(error)).toContain('no such op (byte 0 of the connection)\n')
})

test('a slip in its options is refused by name', () => {
  expect(() => new ProtocolError('x', { ofset: 1 } as object)).toThrow(
    'ProtocolError has no option "ofset"; known: offset, limit',
  )
})
