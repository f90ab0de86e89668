import { describe, expect, test } from 'vitest'
import { lengthPrefixed } from '../../../lib/codecs/index.js'
import { driveEverySplit, encoded } from '../../support/codec.js'

const hello = { maxMessageBytes: 300, as: 'latin1' } as const
type Options = Parameters<typeof lengthPrefixed>[0]

const WIDTHS: [options: Options, head: string][] = [
  [{ lengthBytes: 1 }, '\x05'],
  [{ lengthBytes: 2 }, '\0\x05'],
  [{ lengthBytes: 2, endian: 'little' }, '\x05\0'],
  [{ lengthBytes: 3 }, '\0\0\x05'],
  [{ lengthBytes: 3, endian: 'little' }, '\x05\0\0'],
  [{ lengthBytes: 4 }, '\0\0\0\x05'],
  [{ lengthBytes: 4, endian: 'little' }, '\x05\0\0\0'],
  [{ lengthBytes: 8 }, '\0\0\0\0\0\0\0\x05'],
  [{ lengthBytes: 8, endian: 'little' }, '\x05\0\0\0\0\0\0\0'],
  [{ lengthBytes: 2, offsetBytes: 3 }, '\0\0\0\0\x05'],
  [{ lengthBytes: 2, adjustmentBytes: -2 }, '\0\x07'],
  [{ lengthBytes: 1, adjustmentBytes: 2 }, '\x03'],
  [{ lengthBytes: 1, stripBytes: 3, adjustmentBytes: 2 }, '\x05\0\0'],
  [{ lengthBytes: 'varint' }, '\x05'],
  [{ lengthBytes: 'varint', offsetBytes: 2 }, '\0\0\x05'],
  [{ lengthBytes: 'varint', adjustmentBytes: -300 }, '\xb1\x02'],
]

test.each(WIDTHS)('%j is read at every split, and sent the same', (options, head) => {
  const codec = lengthPrefixed({ ...hello, ...options })
  const stream = `${head}hello${head}world`
  expect(driveEverySplit(codec, stream)).toEqual({ messages: ['hello', 'world'], wrong: null })
  expect(encoded(codec, 'hello', 'world').toString('latin1')).toBe(stream)
})

const WHOLE: [options: Options, frame: string][] = [
  [{ lengthBytes: 2, stripBytes: 0 }, '\0\x05hello'],
  [{ lengthBytes: 2, offsetBytes: 2, stripBytes: 1 }, '\0A\0\x05hello'],
  [{ lengthBytes: 'varint', offsetBytes: 1, stripBytes: 0 }, '\x30\x05hello'],
  [{ lengthBytes: 'varint', offsetBytes: 1, stripBytes: 1 }, '\0\x05hello'],
]

test.each(WHOLE)('%j: messages have their length in them', (options, frame) => {
  const codec = lengthPrefixed({ ...hello, ...options })
  const message = frame.slice(options.stripBytes)
  expect(driveEverySplit(codec, frame)).toEqual({ messages: [message], wrong: null })
  expect(encoded(codec, Buffer.from(message, 'latin1')).toString('latin1')).toBe(frame)
})

test('an empty message is a message', () => {
  for (const lengthBytes of [1, 2, 3, 4, 8, 'varint'] as const) {
    const codec = lengthPrefixed({ ...hello, lengthBytes })
    expect(driveEverySplit(codec, encoded(codec, '', '')).messages).toEqual(['', ''])
  }
})

describe('the limit', () => {
  test.each([1, 2, 3, 4, 8, 'varint'] as const)('is exact, length of %s bytes', (lengthBytes) => {
    const offset = 3
    const options = { lengthBytes, as: 'latin1', offsetBytes: 3 } as const
    const wide = lengthPrefixed({ ...options, maxMessageBytes: 201 })
    const codec = lengthPrefixed({ ...options, maxMessageBytes: 200 })
    const most = 'x'.repeat(200)
    expect(driveEverySplit(codec, encoded(wide, most)).messages).toEqual([most])
    const { wrong } = driveEverySplit(codec, encoded(wide, `${most}x`))
    expect(wrong).toEqual({ offset, limit: 200 })
    expect(encoded(codec, most)).toEqual(encoded(wide, most))
    expect(() => encoded(codec, `${most}x`)).toThrow('it has 201 bytes; at most 200 are allowed')
  })

  test('holds for any length that 8 bytes can say', () => {
    const codec = lengthPrefixed({ ...hello, lengthBytes: 8, adjustmentBytes: -8 })
    for (const length of [2n ** 31n, 2n ** 32n + 5n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const stream = Buffer.alloc(16)
      stream.writeBigUInt64BE(length, 0)
      expect(driveEverySplit(codec, stream).wrong).toEqual({ offset: 0, limit: 300 })
    }
  })

  test('is what the length can say, where that is less', () => {
    const codec = lengthPrefixed({ lengthBytes: 1 })
    expect(encoded(codec, Buffer.alloc(255))).toHaveLength(256)
    expect(() => encoded(codec, Buffer.alloc(256))).toThrow('its length would be 256, in 1 bytes')
  })
})

const WRONG: [what: string, options: Options, stream: string, offset: number][] = [
  ['a length below itself', { lengthBytes: 2, adjustmentBytes: -2 }, '\0\x02\0\x01', 2],
  ['a length below what is stripped', { lengthBytes: 1, stripBytes: 4 }, '\x03abc\x02ab', 4],
  ['a varint below itself', { lengthBytes: 'varint', adjustmentBytes: -1 }, '\x01\0', 1],
  ['a varint of six bytes', { lengthBytes: 'varint' }, '\0\x80\x80\x80\x80\x80\x01', 5],
  ['a varint of 33 bits', { lengthBytes: 'varint' }, '\xff\xff\xff\xff\x1f', 4],
  ['a varint with a byte too many', { lengthBytes: 'varint' }, '\x85\x00hello', 1],
  ['an end within a length', { lengthBytes: 4 }, '\0\0\0', 3],
  ['an end within a varint', { lengthBytes: 'varint' }, '\x80', 1],
  ['an end within a message', { lengthBytes: 1 }, '\x01a\x02b', 4],
  ['an end within an offset', { lengthBytes: 1, offsetBytes: 4 }, '\x01a', 2],
]

test.each(WRONG)('%s is a protocol error at every split', (_, options, stream, offset) => {
  const { wrong } = driveEverySplit(lengthPrefixed({ ...hello, ...options }), stream)
  expect(wrong).toEqual({ offset, limit: null })
})

test('the greatest varint is understood, and beyond the limit', () => {
  const codec = lengthPrefixed({ ...hello, lengthBytes: 'varint' })
  expect(driveEverySplit(codec, '\xff\xff\xff\xff\x0f').wrong).toEqual({ offset: 0, limit: 300 })
})

const UNSENDABLE: [options: Options, message: string, why: string][] = [
  [{ lengthBytes: 1, adjustmentBytes: 6 }, 'hello', 'its length would be -1'],
  [{ lengthBytes: 'varint', adjustmentBytes: 6 }, 'hello', 'its length would be -1'],
  [{ lengthBytes: 4, stripBytes: 0 }, 'abc', 'its length would be -1'],
  [{ lengthBytes: 'varint', stripBytes: 0 }, '\x06hello', 'the varint at its byte 0 must be 5'],
  [{ lengthBytes: 'varint', offsetBytes: 1, stripBytes: 0 }, 'a', 'no varint stands at its byte 1'],
]

test.each(UNSENDABLE)('%j: %j cannot be sent', (options, message, why) => {
  expect(() => encoded(lengthPrefixed({ ...hello, ...options }), message)).toThrow(why)
})

const REFUSED: [options: object, message: string][] = [
  [{}, "lengthPrefixed: lengthBytes must be 1, 2, 3, 4, 8 or 'varint'; got undefined"],
  [{ lengthBytes: 5 }, "lengthBytes must be 1, 2, 3, 4, 8 or 'varint'; got 5"],
  [{ lengthBytes: 'int' }, 'lengthBytes must be 1, 2, 3, 4, 8 or \'varint\'; got "int"'],
  [{ lengthBytes: 2, endian: 'middle' }, "lengthPrefixed: endian must be one of 'big', 'little'"],
  [{ lengthBytes: 2, offsetBytes: -1 }, 'offsetBytes must be an integer from 0 to 65536 bytes'],
  [{ lengthBytes: 2, adjustmentBytes: 0.5 }, 'adjustmentBytes must be an integer from -65536'],
  [{ lengthBytes: 2, stripBytes: 1 }, 'stripBytes must be at most offsetBytes (0) or at least 2'],
  [{ lengthBytes: 8, stripBytes: 0, maxMessageBytes: 7 }, 'maxMessageBytes must be at least 8'],
  [{ lengthBytes: 'varint', endian: 'big' }, "endian must be left out with lengthBytes: 'varint'"],
  [
    { lengthBytes: 'varint', offsetBytes: 1, stripBytes: 2 },
    "stripBytes must be at most offsetBytes (1) with lengthBytes: 'varint', or left out; got 2",
  ],
  [{ lengthBytes: 1, max: 5 }, 'lengthPrefixed has no option "max"'],
]

test.each(REFUSED)('%j is refused', (options, message) => {
  expect(() => lengthPrefixed(options as never)).toThrow(message)
})
