import { expect, test } from 'vitest'
import { json, lengthPrefixed, lines, ProtocolError } from '../../../lib/index.js'
import { driveEverySplit, encoded, inputOf } from '../../support/codec.js'

test('values in lines', () => {
  const stream = '{"a":[1,null,"x\\ny"]}\n"b"\n3\n'
  const messages = [{ a: [1, null, 'x\ny'] }, 'b', 3]
  expect(driveEverySplit(json(), stream)).toEqual({ messages, wrong: null })
  expect(encoded(json(), ...messages).toString()).toBe(stream)
})

test('values in any other messages of text', () => {
  const codec = json(lengthPrefixed({ lengthBytes: 1, as: 'utf8' }))
  expect(driveEverySplit(codec, '\x02[]\x04true').messages).toEqual([[], true])
  expect(encoded(codec, []).toString()).toBe('\x02[]')
})

test.each(['buffer', 'slice', 'latin1'] as const)('values in messages that are a %s', (as) => {
  const codec = json(lengthPrefixed({ lengthBytes: 4, as }))
  const stream = encoded(codec, { a: [1] }, 'x')
  expect(driveEverySplit(codec, stream).messages).toEqual([{ a: [1] }, 'x'])
  expect(driveEverySplit(codec, '\0\0\0\x01{').wrong).toEqual({ offset: 0, limit: null })
})

test('bytes are read as UTF-8', () => {
  const codec = json(lengthPrefixed({ lengthBytes: 4 }))
  expect(driveEverySplit(codec, encoded(codec, 'Zoë')).messages).toEqual(['Zoë'])
})

test('messages that are no text and no bytes are not the mistake of the client', () => {
  const codec = json(json() as never)
  expect(() => codec.decode(inputOf('{}\n'))).toThrow(
    'the messages of the codec of json() must be strings or bytes; got an object',
  )
})

test.each(['{', '', ' ', 'undefined', "{'a':1}", '[1,]', 'NaN', '\x00'])(
  '%j is a protocol error where it begins',
  (text) => {
    const { messages, wrong } = driveEverySplit(json(), `[]\n${text}\n`)
    expect(messages).toEqual([[]])
    expect(wrong).toEqual({ offset: 3, limit: null })
  },
)

test('the error shows the beginning of the message in one printable line', () => {
  let message = ''
  const codec = json(lines())
  try {
    codec.decode(inputOf(`\x1b[31m${'x'.repeat(1_000)}\n`))
  } catch (error) {
    message = (error as Error).message
  }
  expect(message).toMatch(/^a message that is no JSON: "\\u001b\[31mx{40,60}\.\.\.$/)
})

test('a limit is that of the messages', () => {
  expect(driveEverySplit(json(lines({ maxMessageBytes: 4 })), '[123]\n').wrong).toEqual({
    offset: 4,
    limit: 4,
  })
})

/** In arrays and objects by turns. */
function nested(depth: number): unknown {
  let value: unknown = 'x'
  for (let i = 0; i < depth; i++) {
    value = i % 2 === 0 ? [value] : { a: value }
  }
  return value
}

test.each([1, 100, 1_000])(
  'what nests %i deep is read and sent, and nothing deeper',
  (maxDepth) => {
    const codec = json(lines(), { maxDepth })
    const most = JSON.stringify(nested(maxDepth))
    const more = JSON.stringify(nested(maxDepth + 1))
    expect(codec.decode(inputOf(`${most}\n`))).toEqual(nested(maxDepth))
    expect(encoded(codec, nested(maxDepth)).toString()).toBe(`${most}\n`)
    expect(() => codec.decode(inputOf(`${more}\n`))).toThrow(
      expect.objectContaining({ name: 'ProtocolError', limit: maxDepth }),
    )
    expect(() => encoded(codec, nested(maxDepth + 1))).toThrow(
      expect.objectContaining({
        code: 'ERR_HOLDFAST_MESSAGE',
        message: expect.stringContaining(`deeper than ${maxDepth}`),
      }),
    )
  },
)

test('by default a hundred deep', () => {
  expect(json().decode(inputOf(`${JSON.stringify(nested(100))}\n`))).toEqual(nested(100))
  expect(() => json().decode(inputOf(`${JSON.stringify(nested(101))}\n`))).toThrow(
    'deeper than 100',
  )
})

test('what no stack is large enough for is refused both ways', () => {
  const deep = '['.repeat(30_000)
  for (const text of [deep, deep + ']'.repeat(30_000)]) {
    expect(() => json().decode(inputOf(`${text}\n`))).toThrow(ProtocolError)
  }
  expect(() => encoded(json(), nested(30_000))).toThrow(
    expect.objectContaining({ code: 'ERR_HOLDFAST_MESSAGE' }),
  )
})

test.each([
  ['brackets', '[{'.repeat(300)],
  ['a quote', `"${'['.repeat(300)}`],
  ['backslashes', `\\\\${'['.repeat(300)}\\`],
  ['backslashes before a quote', `\\\\"${'['.repeat(300)}\\"`],
])('%s in a string do not count', (_, text) => {
  const value = { [text]: [text, { a: text }] }
  expect(json().decode(inputOf(encoded(json(), value).toString()))).toEqual(value)
})

test('many beside each other are not deep', () => {
  const value = Array.from({ length: 500 }, () => [{}])
  expect(json().decode(inputOf(encoded(json(), value).toString()))).toEqual(value)
})

test('what toJSON() makes is counted', () => {
  const value = { toJSON: () => nested(101) }
  expect(() => encoded(json(), value)).toThrow('deeper than 100')
})

test('an error of a value itself is thrown as it is', () => {
  const circle: unknown[] = []
  circle.push(circle)
  expect(() => encoded(json(), circle)).toThrow(TypeError)
})

test('check makes of a value what it should be, or refuses it', () => {
  const codec = json(lines(), {
    check(value) {
      if (typeof value !== 'number') throw new ProtocolError('a number is wanted')
      return value
    },
  })
  expect(driveEverySplit(codec, '1\n2\n').messages).toEqual([1, 2])
  expect(driveEverySplit(codec, '1\n"2"\n').wrong).toEqual({ offset: 2, limit: null })
})

test('what JSON has no text for cannot be sent', () => {
  for (const value of [undefined, () => {}, Symbol('s')]) {
    expect(() => encoded(json(), value)).toThrow(
      expect.objectContaining({ code: 'ERR_HOLDFAST_MESSAGE' }),
    )
  }
  expect(() => encoded(json(), 1n)).toThrow(TypeError)
})

test('options that it does not have are refused', () => {
  expect(() => json(lines(), { reviver: 1 } as never)).toThrow('json has no option "reviver"')
  expect(() => json(lines(), { check: 1 } as never)).toThrow(
    'json: check must be a function; got 1',
  )
  for (const maxDepth of [0, 1_001, 1.5]) {
    expect(() => json(lines(), { maxDepth })).toThrow(
      'json: maxDepth must be an integer from 1 to 1000',
    )
  }
})
