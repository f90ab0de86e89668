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

test('however deep it goes, it is read or refused', () => {
  const deep = '['.repeat(30_000)
  const codec = json()
  expect(() => codec.decode(inputOf(`${deep}\n`))).toThrow(ProtocolError)
  expect(codec.decode(inputOf(`${deep}${']'.repeat(30_000)}\n`))).toBeInstanceOf(Array)
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
})
