import { expect, test } from 'vitest'
import { everySplit } from '../../../lib/testing/index.js'

const texts = (data: string | Uint8Array) =>
  [...everySplit(data)].map((parts) => parts.map((part) => part.toString('latin1')))

test('whole, in two parts at every point, and byte by byte', () => {
  expect(texts('abc')).toEqual([['abc'], ['a', 'bc'], ['ab', 'c'], ['a', 'b', 'c']])
})

test('what has one byte or two is not split twice alike', () => {
  expect(texts('ab')).toEqual([['ab'], ['a', 'b']])
  expect(texts('a')).toEqual([['a']])
  expect(texts('')).toEqual([['']])
})

test('a string is split as utf8, within a character too', () => {
  expect([...everySplit('é')]).toEqual([
    [Buffer.from([0xc3, 0xa9])],
    [Buffer.from([0xc3]), Buffer.from([0xa9])],
  ])
})

test('the parts are copies: a receiver that changes one changes no other', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  for (const parts of everySplit(bytes)) for (const part of parts) part.fill(9)
  expect([...bytes]).toEqual([1, 2, 3])
})

test('nothing else can be split', () => {
  expect(() => [...everySplit(7 as never)]).toThrow(
    expect.objectContaining({ code: 'ERR_HOLDFAST_OPTION_TYPE' }),
  )
})
