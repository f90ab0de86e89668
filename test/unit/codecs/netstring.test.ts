import { expect, test } from 'vitest'
import { netstring } from '../../../lib/codecs/index.js'
import { driveEverySplit, encoded } from '../../support/codec.js'

const codec = netstring({ maxMessageBytes: 12, as: 'latin1' })

test('strings behind their length, each with a comma', () => {
  const stream = '12:hello world!,0:,3:,:3,'
  const messages = ['hello world!', '', ',:3']
  expect(driveEverySplit(codec, stream)).toEqual({ messages, wrong: null })
  expect(encoded(codec, ...messages).toString()).toBe(stream)
})

test.each([
  ['13:', 1, 12],
  ['3:abcd', 5, null],
  ['03:abc,', 1, null],
  [':abc,', 0, null],
  ['3,', 1, null],
])('%j is a protocol error at byte %d, at every split', (stream, offset, limit) => {
  expect(driveEverySplit(codec, stream).wrong).toEqual({ offset, limit })
})

test('an option that it does not have is refused', () => {
  expect(() => netstring({ terminator: ';' } as never)).toThrow('netstring has no option')
})
