import { describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import { type Codec, INCOMPLETE, lines, type ProtocolDefinition } from '../../../lib/index.js'
import { protocol } from '../../../lib/protocols/protocol.js'

const fine = { codec: lines(), message: () => {} }

describe('a bad definition is refused by name', () => {
  const bad: [string, unknown, string][] = [
    ['no object', 5, 'protocol must be an object'],
    ['no codec', { message: () => {} }, 'protocol.codec must be an object'],
    ['a codec without decode', { ...fine, codec: { encode() {} } }, 'protocol.codec.decode'],
    ['a codec without encode', { ...fine, codec: { decode() {} } }, 'protocol.codec.encode'],
    [
      'a codec without a limit',
      { ...fine, codec: { decode() {}, encode() {} } },
      'protocol.codec.maxFrameBytes must be a number of bytes; got undefined',
    ],
    ['neither message nor answer', { codec: lines() }, 'either it or protocol.answer'],
    ['both', { ...fine, answer() {} }, 'protocol: give message or answer, not both'],
    ['another name', { ...fine, onMessage() {} }, '"onMessage"; known: codec'],
    ['no function', { ...fine, close: 1 }, 'protocol.close must be a function; got 1'],
    [
      'concurrency 0',
      { ...fine, concurrency: 0 },
      'protocol.concurrency must be an integer from 1',
    ],
    ['options', { ...fine, options: 1 }, 'protocol.options must be an object'],
    [
      'an option of no server',
      { ...fine, options: { keepalve: 'nat' } },
      'protocol.options has no option "keepalve"; known: pathTimeoutMs',
    ],
    ['a port', { ...fine, options: { port: 1 } }, 'protocol.options has no option "port"'],
    ['a host', { ...fine, options: { host: '::' } }, 'protocol.options has no option "host"'],
    [
      'a handler',
      { ...fine, options: { handler: {} } },
      'protocol.options has no option "handler"',
    ],
    [
      'a heartbeat that nobody sends',
      { ...fine, options: { heartbeat: { intervalMs: 1_000, replyMs: 500 } } },
      'protocol.heartbeat (with options.heartbeat) must be a function; got undefined',
    ],
  ]
  test.each(bad)('%s', (_, definition, message) => {
    expect(() => protocol(definition as ProtocolDefinition<string>)).toThrow(message)
  })
})

test('a state that is a promise fails its connection, and one that rejects does not fail the process', () => {
  const slow = protocol({ ...fine, state: () => Promise.reject(new Error('no state')) })
  expect(() => slow.open?.({} as Connection<never>)).toThrow(
    'protocol.state must not return a promise',
  )
})

test('encode() gives bytes that no later message changes', () => {
  const { encode } = protocol(fine)
  const first = encode('first')
  encode('second')
  expect(first.toString()).toBe('first\n')
  expect(encode('x'.repeat(60_000)).length).toBe(60_001)
})

test('a codec of another type gives messages of it', () => {
  const bytes: Codec<number> = {
    maxFrameBytes: 1,
    borrows: true,
    decode(input) {
      const byte = input.bytes[input.start]
      if (byte === undefined) return INCOMPLETE
      input.start++
      return byte
    },
    encode: (message, output) => output.uint8(message),
  }
  const made = protocol({ codec: bytes, answer: (_conn, message) => message + 1 })
  expect(made.encode(7)).toEqual(Buffer.from([7]))
})
