import { describe, expect, test } from 'vitest'
import { delimited } from '../../../lib/codecs/index.js'
import { echo, lines, protocol } from '../../../lib/index.js'
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

  test('settle() gives a handler a few turns of the event loop', async () => {
    const turning = protocol({
      codec: lines(),
      async answer(_connection, line) {
        for (let turns = 0; turns < 3; turns++)
          await new Promise((resolve) => setImmediate(resolve))
        return `${line}!`
      },
    })
    await using bench = testServer(turning)
    const client = bench.connect()
    client.sendMessage('x')
    await bench.settle()
    expect(client.received.toString()).toBe('x!\n')
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
