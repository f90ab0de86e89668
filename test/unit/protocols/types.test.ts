import { expect, expectTypeOf, test } from 'vitest'
import {
  type Codec,
  lengthPrefixed,
  lines,
  type Payload,
  type ProtocolConnection,
  type ProtocolDefinition,
  type Slice,
} from '../../../lib/index.js'
import { protocol } from '../../../lib/protocols/protocol.js'

// What the compiler must know; the type check of the project fails where it does not.

test('a codec decides the type of a message, and of what may be sent', () => {
  const made = [
    protocol({
      codec: lines(),
      state: () => ({ count: 0 }),
      message(conn, line) {
        expectTypeOf(line).toEqualTypeOf<string>()
        expectTypeOf(conn.data).toEqualTypeOf<{ count: number }>()
        expectTypeOf(conn.send).parameter(0).toEqualTypeOf<Payload>()
      },
    }),
    protocol({
      codec: lengthPrefixed({ lengthBytes: 2, as: 'slice' }),
      message(conn, message) {
        expectTypeOf(message).toEqualTypeOf<Slice>()
        // @ts-expect-error a number is no payload
        expect(() => conn.send(5)).toThrow()
      },
    }),
  ]
  expect(made.length).toBe(2)
})

test('an answer may come later, and may be nothing', () => {
  const codec = null as unknown as Codec<{ ask: string }, { tell: number }>
  type Definition = ProtocolDefinition<{ ask: string }, { tell: number }>
  const answering = {
    codec,
    async answer(conn: ProtocolConnection<{ tell: number }>, { ask }: { ask: string }) {
      expectTypeOf(conn.send).parameter(0).toEqualTypeOf<{ tell: number }>()
      return ask === '' ? undefined : { tell: ask.length }
    },
  }
  // @ts-expect-error an answer is of the type that is sent
  const wrong: Definition = { codec, answer: () => ({ tell: 'much' }) }
  expect(wrong.codec).toBe(codec)
  expectTypeOf(answering).toExtend<Definition>()
  expect(() => protocol(answering)).toThrow('protocol.codec must be an object')
})
