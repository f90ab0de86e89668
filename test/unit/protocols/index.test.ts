import { expect, test } from 'vitest'
import { PROTOCOL_NAMES, protocolNamed } from '../../../lib/protocols/index.js'

test('every name has its handler', () => {
  expect(PROTOCOL_NAMES).toEqual(['echo', 'discard'])
  for (const name of PROTOCOL_NAMES) expect(protocolNamed(name)).toHaveProperty('data')
})

test.each(['http', '', 'toString'])('%j is answered with the list of known ones', (name) => {
  expect(() => protocolNamed(name)).toThrow(
    expect.objectContaining({
      code: 'ERR_HOLDFAST_UNKNOWN_PROTOCOL',
      message: expect.stringContaining('known: echo, discard'),
    }),
  )
})
