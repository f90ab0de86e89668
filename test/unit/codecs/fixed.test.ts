import { expect, test } from 'vitest'
import { fixed } from '../../../lib/codecs/index.js'
import { driveEverySplit, encoded } from '../../support/codec.js'

const codec = fixed({ bytes: 3, as: 'latin1' })

test('every so many bytes are a message', () => {
  expect(driveEverySplit(codec, 'abcde\n')).toEqual({ messages: ['abc', 'de\n'], wrong: null })
  expect(encoded(codec, 'abc', 'de\n').toString()).toBe('abcde\n')
})

test('an end within a message is a protocol error', () => {
  expect(driveEverySplit(codec, 'abcde')).toEqual({
    messages: ['abc'],
    wrong: { offset: 5, limit: null },
  })
})

test('a message of another length cannot be sent', () => {
  expect(() => encoded(codec, 'ab')).toThrow('it has 2 bytes; it must have 3')
  expect(() => encoded(codec, 'abcd')).toThrow('it has 4 bytes; it must have 3')
  expect(() => encoded(fixed({ bytes: 3 }), 'aü')).not.toThrow()
})

test.each([
  [{}, 'fixed: bytes must be an integer from 1 to 1073741824 bytes; got undefined'],
  [{ bytes: 0 }, 'bytes must be an integer from 1 to 1073741824 bytes; got 0'],
  [{ bytes: 4, maxMessageBytes: 4 }, 'fixed has no option "maxMessageBytes"'],
])('%j is refused', (options, message) => {
  expect(() => fixed(options as never)).toThrow(message)
})
