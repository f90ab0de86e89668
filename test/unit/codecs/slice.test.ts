import { expect, test } from 'vitest'
import { fixed, Slice } from '../../../lib/codecs/index.js'
import { encoded, inputOf } from '../../support/codec.js'

test('a slice is its bytes where they stand', () => {
  const bytes = Buffer.from('a hello b')
  const slice = new Slice(bytes, 2, 7)
  expect([slice.length, slice.toString(), slice.toString('hex')]).toEqual([
    5,
    'hello',
    '68656c6c6f',
  ])
  expect([slice.at(0), slice.at(4), slice.at(5), slice.at(-1)]).toEqual([
    0x68,
    0x6f,
    undefined,
    undefined,
  ])
  expect(slice.toBuffer().buffer).toBe(bytes.buffer)
  expect(slice.toBuffer().toString()).toBe('hello')
})

test('a message as a slice or a buffer shares the memory that it was received in', () => {
  const input = inputOf('abcdef')
  const slice = fixed({ bytes: 3, as: 'slice' }).decode(input) as Slice
  const buffer = fixed({ bytes: 3 }).decode(input) as Buffer
  expect(slice.bytes).toBe(input.bytes)
  expect(buffer.buffer).toBe(input.bytes.buffer)
  expect(encoded(fixed({ bytes: 3 }), slice, buffer).toString()).toBe('abcdef')
})

test('what is neither text nor bytes is no message', () => {
  for (const message of [undefined, null, 5, {}, [1], new Uint16Array(1)]) {
    expect(() => encoded(fixed({ bytes: 3 }), message as never)).toThrow(
      expect.objectContaining({ name: 'HoldfastTypeError', code: 'ERR_HOLDFAST_OPTION_TYPE' }),
    )
  }
})
