import { expect, test } from 'vitest'
import { fixed, lines, mapped, netstring, ProtocolError } from '../../../lib/index.js'
import { drive, driveEverySplit, encoded } from '../../support/codec.js'

const numbers = mapped(netstring({ as: 'latin1', maxMessageBytes: 5 }), {
  decode(text) {
    if (!/^\d+$/.test(text)) throw new ProtocolError('no number', { limit: 99_999 })
    return Number(text)
  },
  encode: (value: number) => String(value),
})

test('values are made of messages, and messages of values', () => {
  expect(driveEverySplit(numbers, '2:42,1:7,')).toEqual({ messages: [42, 7], wrong: null })
  expect(encoded(numbers, 42, 7).toString()).toBe('2:42,1:7,')
})

test('a message that is no such value is a protocol error where it begins', () => {
  const { messages, wrong } = driveEverySplit(numbers, '2:42,1:x,')
  expect(messages).toEqual([42])
  expect(wrong).toEqual({ offset: 5, limit: 99_999 })
})

test('an offset that the mapping knows stays', () => {
  const codec = mapped(lines(), {
    decode() {
      throw new ProtocolError('elsewhere', { offset: 1_234 })
    },
    encode: String,
  })
  expect(driveEverySplit(codec, 'a\n').wrong).toEqual({ offset: 1_234, limit: null })
})

test('what is wrong for the codec is so for the values, and its limit is theirs', () => {
  expect(driveEverySplit(numbers, '2:42,6').wrong).toEqual({ offset: 5, limit: 5 })
  expect(numbers.maxFrameBytes).toBe(netstring({ maxMessageBytes: 5 }).maxFrameBytes)
  expect(() => encoded(numbers, 123_456)).toThrow('it has 6 bytes; at most 5 are allowed')
})

test('an error that is none of the protocol is thrown as it is', () => {
  const codec = mapped(lines(), {
    decode: (text): string => {
      throw new TypeError(`not ${text}`)
    },
    encode: String,
  })
  expect(() => drive(codec, [Buffer.from('a\n')])).toThrow(new TypeError('not a'))
})

test('values borrow what the messages they are made of borrow', () => {
  const mapping = { decode: String, encode: String }
  expect(mapped(fixed({ bytes: 1, as: 'utf8' }), mapping).borrows).toBe(true)
  expect(mapped(fixed({ bytes: 1, as: 'buffer' }), mapping).borrows).toBe(false)
})

test('a mapping may be an object with methods', () => {
  class Doubling {
    readonly factor = 2
    decode(text: string) {
      return Number(text) * this.factor
    }
    encode(value: number) {
      return String(value / this.factor)
    }
  }
  const codec = mapped(lines(), new Doubling())
  expect(driveEverySplit(codec, '21\n').messages).toEqual([42])
  expect(encoded(codec, 42).toString()).toBe('21\n')
})

test('what is missing is named', () => {
  const none = { decode: String }
  expect(() => mapped(lines(), none as never)).toThrow('mapping.encode must be a function')
  expect(() => mapped({} as never, none as never)).toThrow('codec.decode must be a function')
})
