import { expect, test } from 'vitest'
import { lines, Slice } from '../../../lib/codecs/index.js'
import { driveEverySplit, encoded, inputOf } from '../../support/codec.js'

const STREAM = 'a\r\nb\n\r\n\n\rc\nd\r\r\n'

test('any newline: a CR before the LF is no part of the line', () => {
  expect(driveEverySplit(lines(), STREAM)).toEqual({
    messages: ['a', 'b', '', '', '\rc', 'd\r'],
    wrong: null,
  })
})

test('LF alone: every CR is part of its line', () => {
  const { messages } = driveEverySplit(lines({ newline: 'lf' }), STREAM)
  expect(messages).toEqual(['a\r', 'b', '\r', '', '\rc', 'd\r\r'])
})

test('CR LF alone: other CRs and LFs are part of their line', () => {
  const { messages } = driveEverySplit(lines({ newline: 'crlf' }), STREAM)
  expect(messages).toEqual(['a', 'b\n', '\n\rc\nd\r'])
})

test('lines keep their end when asked', () => {
  const { messages } = driveEverySplit(lines({ keep: true }), STREAM)
  expect(messages).toEqual(['a\r\n', 'b\n', '\r\n', '\n', '\rc\n', 'd\r\r\n'])
})

test('what was read can be sent, and is read as the same again', () => {
  for (const newline of ['any', 'lf', 'crlf'] as const) {
    for (const keep of [false, true]) {
      const codec = lines({ newline, keep, maxMessageBytes: 3 })
      const { messages } = driveEverySplit(codec, 'abc\r\nb\r\r\n')
      const again = encoded(codec, ...(messages as string[]))
      expect(driveEverySplit(codec, again)).toEqual({ messages, wrong: null })
    }
  }
})

test('LF is sent; CR LF behind a line that ends with a CR of its own', () => {
  expect(encoded(lines(), 'a', '', 'b\r').toString()).toBe('a\n\nb\r\r\n')
  expect(encoded(lines({ newline: 'crlf' }), 'a').toString()).toBe('a\r\n')
})

test('a line that was read as a slice is sent as it came, without a look into it', () => {
  const codec = lines({ as: 'slice' })
  const input = inputOf(STREAM)
  const read: Slice[] = []
  while (input.length > 0) {
    read.push(codec.decode(input) as Slice)
  }
  expect(encoded(codec, ...read).toString()).toBe('a\nb\n\n\n\rc\nd\r\r\n')
  const other = new Slice(Buffer.from('a\nb'), 0, 3)
  expect(() => encoded(codec, other)).toThrow('it must not hold its delimiter; send() adds it')
})

test('the end of a line does not count against its limit, however it comes', () => {
  const codec = lines({ maxMessageBytes: 3 })
  expect(driveEverySplit(codec, 'abc\nabc\r\n').messages).toEqual(['abc', 'abc'])
  expect(driveEverySplit(codec, 'abc\nabcd\n').wrong).toEqual({ offset: 7, limit: 3 })
  expect(driveEverySplit(codec, 'abcd\r\n').wrong).toEqual({ offset: 3, limit: 3 })
  expect(driveEverySplit(codec, 'abc\rd').wrong).toEqual({ offset: 3, limit: 3 })
  expect(codec.maxFrameBytes).toBe(5)
})

test('a line that holds a newline cannot be sent', () => {
  expect(() => encoded(lines(), 'a\nb')).toThrow('it must not hold its delimiter; send() adds it')
  expect(() => encoded(lines({ newline: 'crlf' }), 'a\r\nb')).toThrow(
    'it must not hold its delimiter; send() adds it',
  )
})

test('lines are UTF-8, and what is none becomes U+FFFD', () => {
  const text = 'Grüße, 世界 \u{1F44B}'
  expect(driveEverySplit(lines(), Buffer.from(`${text}\n`)).messages).toEqual([text])
  expect(driveEverySplit(lines(), 'a\xffb\n').messages).toEqual(['a\ufffdb'])
  expect(encoded(lines(), text).toString()).toBe(`${text}\n`)
})

const REFUSED: [options: object, message: string][] = [
  [{ newline: 'cr' }, `lines: newline must be one of 'any', 'lf', 'crlf'; got "cr"`],
  [{ maxMessageBytes: 2 ** 29 }, 'maxMessageBytes must be an integer from 1 to 536805376 bytes'],
  [{ maxMessageBytes: 2 ** 30 + 1, as: 'slice' }, 'an integer from 1 to 1073741824 bytes; got'],
  [
    { maxMessageBytes: null },
    'lines: maxMessageBytes must be an integer from 1 to 536805376 bytes',
  ],
  [{ keep: 'yes' }, 'lines: keep must be true or false; got "yes"'],
  [{ delimiter: '\n' }, 'lines has no option "delimiter"'],
]

test.each(REFUSED)('%j is refused', (options, message) => {
  expect(() => lines(options)).toThrow(message)
})
