import { expect, test } from 'vitest'
import { counted } from '../../../lib/codecs/index.js'
import { driveEverySplit, encoded } from '../../support/codec.js'

const chunked = counted({
  radix: 16,
  separator: '\r\n',
  terminator: '\r\n',
  maxMessageBytes: 26,
  as: 'latin1',
})
const bulk = counted({
  prefix: '$',
  separator: '\r\n',
  terminator: '\r\n',
  maxMessageBytes: 12,
  as: 'latin1',
})
const bare = counted({ separator: ' ', maxMessageBytes: 12, as: 'latin1' })

test('chunks of HTTP', () => {
  const text = 'abcdefghijklmnopqrstuvwxyz'
  const stream = `5\r\nhello\r\n1a\r\n${text}\r\n0\r\n\r\n`
  expect(driveEverySplit(chunked, stream)).toEqual({ messages: ['hello', text, ''], wrong: null })
  expect(encoded(chunked, 'hello', text, '').toString()).toBe(stream)
  expect(driveEverySplit(chunked, stream.replace('1a', '1A')).messages).toEqual(['hello', text, ''])
})

test('bulk strings of RESP', () => {
  const stream = '$5\r\nhello\r\n$0\r\n\r\n$12\r\n$5\r\nhello\r\n\r\r\n'
  const messages = ['hello', '', '$5\r\nhello\r\n\r']
  expect(driveEverySplit(bulk, stream)).toEqual({ messages, wrong: null })
  expect(encoded(bulk, ...messages).toString()).toBe(stream)
})

test('neither a prefix nor a terminator', () => {
  expect(driveEverySplit(bare, '5 hello0 12 hello, world')).toEqual({
    messages: ['hello', '', 'hello, world'],
    wrong: null,
  })
  expect(encoded(bare, 'hello', '').toString()).toBe('5 hello0 ')
})

test('the number is that of bytes, not of characters', () => {
  const codec = counted({ separator: ':', as: 'utf8' })
  expect(encoded(codec, 'Grüße').toString()).toBe('7:Grüße')
  expect(driveEverySplit(codec, encoded(codec, 'Grüße')).messages).toEqual(['Grüße'])
  expect(encoded(bare, 'Grüße').toString('latin1')).toBe('5 Grüße')
})

type Codec = typeof bare

const WRONG: [what: string, codec: Codec, stream: string, offset: number, limit: number | null][] =
  [
    ['another prefix', bulk, '$0\r\n\r\n*1\r\n', 6, null],
    ['no number', bulk, '$\r\n', 1, null],
    ['a sign', bulk, '$-1\r\n', 1, null],
    ['a zero before the number', bulk, '$01\r\n', 2, null],
    ['one above the limit, at the digit', bulk, '$13\r\n', 2, 12],
    ['a number without an end', bulk, `$1${'0'.repeat(30)}`, 3, 12],
    ['the limit in hexadecimal', chunked, '1b\r\n', 1, 26],
    ['a letter that is no digit', chunked, '1g\r\n', 1, null],
    ['half of another separator', bulk, '$1\rx', 3, null],
    ['another terminator', bulk, '$1\r\na\n', 5, null],
    ['half of another terminator', bulk, '$1\r\na\r\r', 6, null],
    ['an end within the number', bulk, '$1', 2, null],
    ['an end within the separator', bulk, '$1\r', 3, null],
    ['an end within the message', bulk, '$2\r\na', 5, null],
    ['an end within the terminator', bulk, '$1\r\na\r', 6, null],
  ]

test.each(WRONG)('%s is a protocol error at every split', (_, codec, stream, offset, limit) => {
  expect(driveEverySplit(codec, stream).wrong).toEqual({ offset, limit })
})

test('the limit is exact, and what is kept has one', () => {
  const most = 'x'.repeat(12)
  expect(driveEverySplit(bulk, encoded(bulk, most)).messages).toEqual([most])
  expect(() => encoded(bulk, `${most}x`)).toThrow('it has 13 bytes; at most 12 are allowed')
  expect(bulk.maxFrameBytes).toBe('$12\r\n'.length + 12 + '\r\n'.length)
})

test.each([
  [{}, 'counted: separator must be a string or a Uint8Array; got undefined'],
  [{ separator: '' }, 'separator must be 1 to 64 bytes; got 0 bytes'],
  [{ separator: '1:' }, 'separator must be one that begins with no digit; got "1:"'],
  [{ separator: 'a', radix: 16 }, 'separator must be one that begins with no digit; got "a"'],
  [{ separator: ':', radix: 8 }, 'counted: radix must be 10 or 16; got 8'],
  [{ separator: ':', prefix: '' }, 'counted: prefix must be 1 to 64 bytes; got 0 bytes'],
  [
    { separator: ':', terminator: 5 },
    'counted: terminator must be a string or a Uint8Array; got 5',
  ],
  [{ separator: ':', delimiter: ',' }, 'counted has no option "delimiter"'],
])('%j is refused', (options, message) => {
  expect(() => counted(options as never)).toThrow(message)
})
