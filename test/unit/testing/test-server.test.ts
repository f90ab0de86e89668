import { describe, expect, test } from 'vitest'
import { lines, protocol, type Server } from '../../../lib/index.js'
import { testServer } from '../../../lib/testing/index.js'

describe('the server', () => {
  test('is the one of listen(): counters, identify, broadcast', async () => {
    await using bench = testServer<number>({})
    const first = bench.connect()
    const second = bench.connect()
    await bench.settle()
    first.connection.data = 7
    await bench.server.identify(first.connection, 'me')
    const replaced = bench.server.identify(second.connection, 'me')
    expect(await bench.until(replaced)).toBe(first.completion)
    expect(first.completion?.reason).toBe('replaced')
    bench.server.broadcast('all')
    expect(await second.receiveText()).toBe('all')
    expect(bench.server.counters).toMatchObject({ accepted: 2, open: 1, bytesWritten: 3 })
  })

  test('says goodbye, and lets nobody in any more', async () => {
    await using bench = testServer({ shutdown: (connection) => void connection.write('bye') })
    const client = bench.connect()
    await bench.settle()
    const counters = await bench.until(bench.server.close({ message: '.' }))
    expect(counters).toMatchObject({ open: 0, closed: { shutdown: 1 } })
    expect(client.received.toString()).toBe('bye.')
    expect(() => bench.connect()).toThrow(/its port is closed/)
  })

  test('knows its clients by the addresses that the test gives them', async () => {
    await using bench = testServer({})
    const first = bench.connect()
    const second = bench.connect({ address: '2001:db8::7', port: 4_711 })
    await bench.settle()
    expect([first.connection.remoteAddress, first.connection.remotePort]).toEqual([
      '192.0.2.1',
      50_000,
    ])
    expect([second.address, second.port]).toEqual(['2001:db8::7', 4_711])
    expect(second.connection.remoteAddress).toBe('2001:db8::7')
    second.end()
    await bench.settle()
    expect(second.completion).toMatchObject({ remoteAddress: '2001:db8::7', remotePort: 4_711 })
  })

  test('takes from a protocol what it asks of its server, and the test has the last word', async () => {
    const asking = protocol({
      codec: lines(),
      message() {},
      options: { deadlines: { idleMs: 1_000 }, acceptBudget: 1 },
    })
    await using bench = testServer(asking)
    const idle = bench.connect()
    await bench.advance(1_000)
    expect(idle.completion?.reason).toBe('idle-timeout')
    await using patient = testServer(asking, { deadlines: {} })
    const kept = patient.connect()
    await patient.advance(100_000)
    expect(kept.completion).toBeNull()
  })

  test.each(['port', 'host', 'io', 'acceptBudget', 'handler'])(
    'refuses %s, which means nothing without sockets',
    (name) => {
      expect(() => testServer({}, { [name]: 1 })).toThrow(
        expect.objectContaining({
          code: 'ERR_HOLDFAST_UNKNOWN_OPTION',
          message: expect.stringContaining(`"${name}"`),
        }),
      )
    },
  )

  test.each([undefined, null, 5])('names a handler that is none: %o', (handler) => {
    expect(() => testServer(handler as never)).toThrow('testServer: handler must be an object; got')
  })

  test('refuses limits of who may come', () => {
    const limits = { connections: 1 } as object
    expect(() => testServer({}, { limits })).toThrow(
      /^testServer: limits has no option "connections"; known: readBytesPerSecond/,
    )
  })

  test.each<[string, unknown]>([
    ['connect: address', { address: 'localhost' }],
    ['connect: port', { port: 0 }],
    ['connect: allowHalfOpen', { allowHalfOpen: 1 }],
  ])('names a bad option of a client: %s', (name, options) => {
    expect(() => testServer({}).connect(options as object)).toThrow(name)
  })
})

test('a server of a known kind of data has connections of it', async () => {
  await using bench = testServer<{ name: string }>({
    open(connection) {
      connection.data = { name: 'x' }
    },
  })
  const client = bench.connect()
  await bench.settle()
  const server: Server<{ name: string }> = bench.server
  expect([...server.connections].map(({ data }) => data.name)).toEqual(['x'])
  expect(client.connection.data.name).toBe('x')
})
