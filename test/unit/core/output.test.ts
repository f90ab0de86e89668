import { expect, test } from 'vitest'
import { Output } from '../../../lib/core/output.js'
import { pattern } from '../../support/bytes.js'

test('bytes of any length and place are copied, and nothing beside them', () => {
  const source = pattern(70_000, 3)
  const output = Output.ofMemory()
  for (const length of [0, 1, 7, 8, 9, 15, 16, 17, 511, 512, 513, 5_000, 66_000]) {
    for (const start of [0, 1, 2, 3]) {
      output.begin(0)
      output.uint8(0xaa)
      const end = start + length
      output.putPart(source, start, end)
      output.put(source.subarray(start, end))
      output.zeros(3)
      const part = source.subarray(start, end)
      const wanted = Buffer.concat([Buffer.of(0xaa), part, part, Buffer.alloc(3)])
      expect(output.written.equals(wanted)).toBe(true)
    }
  }
})
