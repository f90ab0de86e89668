import { expect, test } from 'vitest'
import { encoded, type Output } from '../../../../lib/core/output.js'
import { failure, OK, putReply, type Reply } from '../../../../lib/protocols/resp/reply.js'

function sent(reply: Reply): string {
  const encoder = { encode: (_: unknown, output: Output) => putReply(reply, output) }
  return encoded(encoder, reply).toString('latin1')
}

test.each<[Reply, string]>([
  [OK, '+OK\r\n'],
  [failure('ERR no\r\nno'), '-ERR no  no\r\n'],
  ['', '$0\r\n\r\n'],
  ['\u00ff\r\n', '$3\r\n\u00ff\r\n\r\n'],
  [null, '$-1\r\n'],
  [[], '*0\r\n'],
  [['a', 1, null, ['b']], '*4\r\n$1\r\na\r\n:1\r\n$-1\r\n*1\r\n$1\r\nb\r\n'],
])('%j', (reply, bytes) => {
  expect(sent(reply)).toBe(bytes)
})

test('every length of number', () => {
  for (let digits = 0; digits < 16; digits++) {
    for (const value of [10 ** digits - 1, 10 ** digits, Number.MAX_SAFE_INTEGER]) {
      expect(sent(value)).toBe(`:${value}\r\n`)
      expect(sent(-value)).toBe(`:${String(-value)}\r\n`)
    }
  }
})

test('more than the memory of the output at first', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `value ${i}`)
  const parts = many.map((text) => `$${text.length}\r\n${text}\r\n`)
  expect(sent(many)).toBe(`*5000\r\n${parts.join('')}`)
})
