import { describe, expect, test } from 'vitest'
import { delimited, INCOMPLETE, Input } from '../../../lib/codecs/index.js'
import { drive, driveEverySplit, encoded } from '../../support/codec.js'

const comma = delimited({ delimiter: ', ', maxMessageBytes: 5, as: 'latin1' })

const STREAMS: [stream: string, messages: string[]][] = [
  ['', []],
  [', ', ['']],
  ['a, bc, ', ['a', 'bc']],
  ['12345, ', ['12345']],
  ['a,b, ,, ', ['a,b', ',']],
  [',,,, ', [',,,']],
]

test.each(STREAMS)('%j is read at every split', (stream, messages) => {
  expect(driveEverySplit(comma, stream)).toEqual({ messages, wrong: null })
})

const WRONG: [what: string, stream: string, offset: number, limit: number | null][] = [
  ['one byte above the limit', '123456, ', 5, 5],
  ['behind another message', 'a, 123456, ', 8, 5],
  ['no end in sight', '1234567890', 5, 5],
  ['an end within a message', 'a, bc', 5, null],
  ['an end within a delimiter', 'a, bc,', 6, null],
]

test.each(WRONG)('%s is a protocol error at every split', (_, stream, offset, limit) => {
  const { wrong } = driveEverySplit(comma, stream)
  expect(wrong).toEqual({ offset, limit })
})

test('messages keep their delimiter when asked', () => {
  const codec = delimited({ delimiter: '||', keep: true, maxMessageBytes: 3, as: 'latin1' })
  expect(driveEverySplit(codec, 'abc||||').messages).toEqual(['abc||', '||'])
  expect(encoded(codec, 'abc||', '||').toString()).toBe('abc||||')
  expect(() => encoded(codec, 'abcd||')).toThrow('it has 4 bytes; at most 3 are allowed')
  expect(() => encoded(codec, 'abc')).toThrow('it must end with its delimiter, and hold no other')
})

test('a delimiter of bytes is copied: it does not change later', () => {
  const delimiter = Uint8Array.of(0xff, 0)
  const codec = delimited({ delimiter })
  delimiter.fill(1)
  expect(driveEverySplit(codec, 'a\xff\0').messages).toEqual(['a'])
})

const UNSENDABLE: [what: string, delimiter: string, message: string][] = [
  ['the delimiter in its midst', ', ', 'a, b'],
  ['the delimiter at its end', ', ', 'a, '],
  ['an end that makes a delimiter sooner', 'aa', 'ba'],
]

test.each(UNSENDABLE)('a message with %s cannot be sent', (_, delimiter, message) => {
  expect(() => encoded(delimited({ delimiter }), message)).toThrow(
    'it must not hold its delimiter; send() adds it',
  )
})

test('what is as long as allowed is sent, one byte more is not', () => {
  expect(encoded(comma, '12345').toString()).toBe('12345, ')
  expect(() => encoded(comma, '123456')).toThrow('it has 6 bytes; at most 5 are allowed')
})

/** Feeds a line byte by byte; each byte that need not be looked at again becomes the delimiter. */
function bytesLookedAt(delimiter: string, line: string): number {
  const codec = delimited({ delimiter })
  const bytes = Buffer.from(line)
  const input = new Input()
  let scanned = 0
  let looked = 0
  for (let end = 1; end <= bytes.length; end++) {
    input.set(bytes, 0, end, 0, scanned)
    looked += end - scanned
    expect(codec.decode(input)).toBe(INCOMPLETE)
    bytes.fill(delimiter, scanned, input.scanned)
    scanned = input.scanned
  }
  return looked
}

describe('a line that comes byte by byte', () => {
  test.each(['\n', '\r\n', 'abcdefgh'])('is looked at once, delimiter %j', (delimiter) => {
    const looked = bytesLookedAt(delimiter, 'x'.repeat(5_000))
    expect(looked).toBeLessThanOrEqual(5_000 * delimiter.length)
  })
})

test('a long message is found behind any number of bytes, near and far', () => {
  for (const length of [0, 1, 511, 512, 513, 514, 1_000, 60_000]) {
    for (const delimiter of ['\n', '\r\n', '\r\r\n']) {
      const codec = delimited({ delimiter, as: 'latin1' })
      const text = delimiter === '\n' ? 'x'.repeat(length) : 'x\r'.repeat(length / 2)
      const stream = Buffer.from(`${text}${delimiter}b${delimiter}`)
      const { messages } = drive(codec, [stream])
      const end = `${text}${delimiter}`.indexOf(delimiter)
      expect(messages).toEqual([text.slice(0, end), ...messages.slice(1)])
      expect(messages.at(-1)).toBe('b')
    }
  }
})

const REFUSED: [options: object, message: string][] = [
  [{}, 'delimited: delimiter must be a string or a Uint8Array; got undefined'],
  [{ delimiter: '' }, 'delimiter must be 1 to 64 bytes; got 0 bytes'],
  [{ delimiter: 'x'.repeat(65) }, 'delimiter must be 1 to 64 bytes; got 65 bytes'],
  [
    { delimiter: 'x', maxMessageBytes: 0 },
    'delimited: maxMessageBytes must be an integer from 1 to 1073741824 bytes; got 0',
  ],
  [{ delimiter: 'x', keep: 1 }, 'delimited: keep must be true or false; got 1'],
  [{ delimiter: 'x', as: 'text' }, `as must be one of 'buffer', 'slice', 'utf8', 'latin1'`],
  [{ delimiter: 'x', max: 1 }, 'delimited has no option "max"'],
]

test.each(REFUSED)('%j is refused', (options, message) => {
  expect(() => delimited(options as never)).toThrow(message)
})

test('options must be there', () => {
  expect(() => delimited(undefined as never)).toThrow(
    'the options of delimited must be an object; got undefined',
  )
})
