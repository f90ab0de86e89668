import { describe, expect, test } from 'vitest'
import { delimited } from '../../../lib/codecs/index.js'
import { echo, lines, protocol, type Server } from '../../../lib/index.js'
import { everySplit, testServer } from '../../../lib/testing/index.js'
import { recorder } from '../../support/recorder.js'

const shout = protocol({
  codec: lines({ maxMessageBytes: 64 }),
  message: (connection, line) => {
    connection.send(line.toUpperCase())
  },
})

describe('messages', () => {
  test('are encoded and decoded by the codec of the protocol', async () => {
    await using bench = testServer(shout)
    const client = bench.connect()
    client.sendMessage('one')
    client.sendMessage('two')
    expect(await client.receive()).toBe('ONE')
    expect(await client.receive()).toBe('TWO')
    expect(client.received.toString()).toBe('ONE\nTWO\n')
  })

  test('are the same however the bytes arrive', async () => {
    await using bench = testServer(shout)
    for (const parts of everySplit('grüße\r\nbye\n')) {
      const client = bench.connect()
      client.send(...parts)
      expect([await client.receive(), await client.receive()]).toEqual(['GRÜSSE', 'BYE'])
    }
  })

  test('a handler of bytes speaks by the codec that the test gives', async () => {
    const codec = delimited({ delimiter: ';', as: 'utf8' })
    await using bench = testServer(echo, { codec })
    const client = bench.connect()
    client.sendMessage('a')
    client.send('b;')
    expect([await client.receive(), await client.receive()]).toEqual(['a', 'b'])
  })

  test('bytes and text are taken as they are', async () => {
    await using bench = testServer({ open: (connection) => void connection.write('hello world') })
    const client = bench.connect()
    expect((await client.receiveBytes(6)).toString()).toBe('hello ')
    expect(await client.receiveText()).toBe('world')
  })

  test('a promise of the handler is waited for, a timer of its own for real', async () => {
    const slow = protocol({
      codec: lines(),
      answer: async (_connection, line) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return `${line}!`
      },
    })
    await using bench = testServer(slow)
    const client = bench.connect()
    client.sendMessage('x')
    expect(await client.receive()).toBe('x!')
  })

  test('one that does not come is an error that tells what came', async () => {
    await using bench = testServer(
      { open: (connection) => connection.end('half a li') },
      { codec: lines() },
    )
    const client = bench.connect()
    await expect(client.receive()).rejects.toMatchObject({
      code: 'ERR_HOLDFAST_TEST',
      message:
        'receive: a message did not come to client 192.0.2.1:50000 (ended with local-end); 9 bytes, "half a li", came',
    })
    expect(client.received.toString()).toBe('half a li')
  })

  test('without a codec there are none', async () => {
    await using bench = testServer({})
    const client = bench.connect()
    await expect(client.receive()).rejects.toThrow(/there is no codec/)
    expect(() => client.sendMessage('x' as never)).toThrow(/there is no codec/)
  })
})

describe('the events of a handler', () => {
  test('a client that ends: open, data, end, close', async () => {
    const { seen, recording } = recorder()
    await using bench = testServer(recording)
    const client = bench.connect()
    client.send('a', 'b')
    client.end()
    expect(await client.closed).toBe('end')
    expect(seen).toEqual(['open', 'data:a', 'data:b', 'end', 'close:peer-end'])
    expect(client.completion).toMatchObject({ reason: 'peer-end', bytesRead: 2 })
  })

  test('a client that resets', async () => {
    const { seen, recording } = recorder()
    await using bench = testServer(recording)
    const client = bench.connect()
    await bench.settle()
    client.reset()
    expect(await client.closed).toBe('reset')
    await bench.settle()
    expect(seen).toEqual(['open', 'close:peer-reset'])
    expect(client.completion).toMatchObject({ actor: 'peer', code: 'ECONNRESET' })
  })

  test('a handler of a class of its own keeps its state', async () => {
    class Counting {
      #opened = 0
      open() {
        this.#opened++
      }
      get opened() {
        return this.#opened
      }
    }
    const handler = new Counting()
    await using bench = testServer(handler)
    bench.connect()
    bench.connect()
    await bench.settle()
    expect(handler.opened).toBe(2)
  })

  test('more than one batch arrives in order, in chunks of readChunkBytes', async () => {
    const chunks: number[] = []
    let bytes = 0
    await using bench = testServer(
      {
        data(_connection, chunk) {
          chunks.push(chunk.length)
          for (const byte of chunk) if (byte !== (bytes++ & 0xff)) throw new Error(`byte ${bytes}`)
        },
      },
      { readChunkBytes: 50_000 },
    )
    bench.connect().send(Uint8Array.from({ length: 3_000_000 }, (_, at) => at & 0xff))
    await bench.settle()
    expect(chunks).toEqual(Array(60).fill(50_000))
  })

  test('a client that does not read: back-pressure, drain, and nothing lost', async () => {
    const { seen, connections, recording } = recorder()
    await using bench = testServer(recording, { highWatermarkBytes: 10, lowWatermarkBytes: 4 })
    const client = bench.connect()
    client.stopReading()
    await bench.settle()
    expect(connections[0]?.write('0123456789')).toBe(true)
    expect(connections[0]?.write('ab')).toBe(false)
    await bench.settle()
    expect(seen).toEqual(['open'])
    expect(client.received.length).toBe(0)
    client.resumeReading()
    await bench.settle()
    expect(seen).toEqual(['open', 'drain'])
    expect(client.received.toString()).toBe('0123456789ab')
  })

  test('a client that has the FIN waiting sees it when it reads, and answers then', async () => {
    await using bench = testServer({ open: (connection) => connection.end() })
    const client = bench.connect()
    client.stopReading()
    await bench.settle()
    expect(client.completion).toBeNull()
    client.resumeReading()
    expect(await client.closed).toBe('end')
    await bench.settle()
    expect(client.completion?.reason).toBe('local-end')
  })

  test('one that stays half open decides itself when it ends', async () => {
    await using bench = testServer({ open: (connection) => connection.end() })
    const client = bench.connect({ allowHalfOpen: true })
    expect(await client.closed).toBe('end')
    client.send('still here')
    await bench.settle()
    expect(client.completion).toBeNull()
    client.end()
    await bench.settle()
    expect(client.completion).toMatchObject({ reason: 'local-end', bytesRead: 10 })
  })

  test('a server that destroys what it has not read resets it', async () => {
    await using bench = testServer({ open: (connection) => connection.pause() })
    const client = bench.connect()
    await bench.settle()
    client.send('unread')
    client.connection.destroy()
    expect(await client.closed).toBe('reset')
  })
})

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
