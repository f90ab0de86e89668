import { describe, expect, test } from 'vitest'
import { encoded, Output } from '../../../lib/core/output.js'
import { pattern } from '../../support/bytes.js'

function memory(bytes = 4_096): Output {
  return new Output(Buffer.alloc(bytes, 'x'), { flush: () => {} })
}

test('bytes of any length and place are copied, and nothing beside them', () => {
  const source = pattern(70_000, 3)
  const output = memory()
  for (const length of [0, 1, 7, 8, 9, 15, 16, 17, 511, 512, 513, 5_000, 66_000]) {
    for (const start of [0, 1, 2, 3]) {
      const end = start + length
      const part = source.subarray(start, end)
      const encode = (): void => {
        output.uint8(0xaa)
        output.putPart(source, start, end)
        output.put(part)
        output.zeros(3)
      }
      output.encode({ encode }, null, 0)
      const wanted = Buffer.concat([Buffer.of(0xaa), part, part, Buffer.alloc(3)])
      expect(output.written.equals(wanted)).toBe(true)
    }
  }
})

describe('an encoder that does not keep to the rules is refused', () => {
  const move =
    (to: (at: number) => unknown, needed = 0) =>
    (output: Output) => {
      output.need(needed)
      output.at = to(output.at) as number
    }
  const wrong: [string, (output: Output) => unknown, string][] = [
    ['moves on without need()', move((at) => at + 64), 'output.at'],
    ['moves on by more than need()', move((at) => at + 9, 8), 'output.at'],
    ['moves back', move((at) => at - 1), 'output.at'],
    ['moves nowhere', move(() => Number.NaN), 'output.at'],
    ['forgets where', move(() => undefined), 'output.at'],
    ['returns bytes', () => Buffer.from('abc'), 'return nothing'],
    ['is asynchronous', async () => {}, 'return nothing'],
    ['puts a string', (output) => output.put('abc' as never), 'put: bytes must be a Uint8Array'],
    ['encodes within', (output) => output.encode({ encode: () => {} }, null, 0), 'must not send'],
  ]
  test.each(wrong)('%s', (_, encode, message) => {
    const output = memory()
    output.encode({ encode: (__, to) => to.text('before') }, null, 0)
    expect(() => output.encode({ encode: (__, to) => encode(to) }, null, 6)).toThrow(message)
    output.encode({ encode: (__, to) => to.text('behind') }, null, 6)
    expect(String(output.bytes.subarray(0, 12))).toBe('beforebehind')
  })
})

test('a large message has memory of its own, which is let go', () => {
  const output = memory()
  const text = 'y'.repeat(200_000)
  output.encode({ encode: (_, to) => to.text(text) }, null, 100)
  expect([output.inSlab, String(output.written)]).toEqual([false, text])
  output.release()
  expect([output.inSlab, output.bytes.length]).toEqual([true, 4_096])
})

test('the bytes of a message alone pin no more than they are', () => {
  const small = encoded({ encode: (_, to) => to.text('small') }, null)
  expect([String(small), small.buffer.byteLength]).toEqual(['small', 5])
  expect(encoded({ encode: (_, to) => to.zeros(100_000) }, null).length).toBe(100_000)
})
