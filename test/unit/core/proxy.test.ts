import { expect, test } from 'vitest'
import { resolveListenOptions } from '../../../lib/core/options.js'
import { resolveProxy } from '../../../lib/core/proxy.js'

test('without the option there are no proxies', () => {
  expect(resolveProxy(undefined)).toBeNull()
  expect(resolveListenOptions({ port: 0, handler: {} }).proxy).toBeNull()
})

test('networks become prefixes, and the rest has defaults', () => {
  expect(resolveProxy({ from: ['10.0.0.0/8', '2001:db8::1', '::ffff:192.0.2.0/120'] })).toEqual({
    from: [
      { address: '10.0.0.0', family: 4, bits: 8 },
      { address: '2001:db8::1', family: 6, bits: 128 },
      { address: '192.0.2.0', family: 4, bits: 24 },
    ],
    headerMs: 5_000,
    denyOthers: false,
  })
  expect(resolveProxy({ from: ['::1'], headerMs: 100, others: 'deny' })).toMatchObject({
    headerMs: 100,
    denyOthers: true,
  })
})

test.each([
  [true, 'proxy must be an object'],
  [{}, 'proxy.from must be an array of 1 to 1024 addresses or networks; got undefined'],
  [{ from: '10.0.0.0/8' }, 'proxy.from must be an array of 1 to 1024 addresses or networks'],
  [{ from: [] }, 'proxy.from must be an array of 1 to 1024 addresses or networks; got 0 of them'],
  [{ from: Array(1025).fill('::1') }, 'got 1025 of them'],
  [{ from: [7] }, 'proxy.from[0] must be an address or a network'],
  [{ from: ['::1', '10.0.0/8'] }, 'proxy.from[1] must be an address or a network'],
  [{ from: ['10.0.0.1/8'] }, 'proxy.from[0] must be a network without bits beyond its length'],
  [{ from: ['::1'], headerMs: 99 }, 'proxy.headerMs must be an integer from 100 to 60000 ms'],
  [{ from: ['::1'], headerMs: 60_001 }, 'got 60001'],
  [{ from: ['::1'], others: 'refuse' }, "proxy.others must be one of 'allow', 'deny'"],
  [{ from: ['::1'], header: 1 }, 'proxy has no option "header"'],
])('%o is refused: %s', (proxy, message) => {
  expect(() => resolveProxy(proxy)).toThrow(message)
  expect(() => resolveListenOptions({ port: 0, handler: {}, proxy: proxy as never })).toThrow(
    message,
  )
})
