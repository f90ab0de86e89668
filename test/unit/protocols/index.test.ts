import { expect, test } from 'vitest'
import { type ListenOptions, resolveListenOptions } from '../../../lib/core/options.js'
import { PROTOCOL_NAMES, protocolNamed } from '../../../lib/protocols/index.js'

test('every name has its handler', () => {
  expect(PROTOCOL_NAMES).toEqual(['echo', 'discard', 'lines', 'presence', 'resp'])
  for (const name of PROTOCOL_NAMES) {
    expect(() => resolveListenOptions(listenOptions(name))).not.toThrow()
  }
})

test('what the connections of a server share is its own', () => {
  for (const name of ['lines', 'presence', 'resp']) {
    expect(protocolNamed(name)).not.toBe(protocolNamed(name))
  }
})

function listenOptions(name: string): ListenOptions {
  const handler = protocolNamed(name)
  return { ...handler.options, port: 0, handler }
}

test.each(['http', '', 'toString'])('%j is answered with the list of known ones', (name) => {
  expect(() => protocolNamed(name)).toThrow(
    expect.objectContaining({
      code: 'ERR_HOLDFAST_UNKNOWN_PROTOCOL',
      message: expect.stringContaining('known: echo, discard, lines, presence, resp'),
    }),
  )
})
