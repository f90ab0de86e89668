import { once } from 'node:events'
import { Duplex, Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const MIB = 1024 * 1024

describe('bytes', () => {
  test('64 MiB each way at once through pipeline(), and a Transform between', async () => {
    await using lab = await openLab({}, { allowHalfOpen: true })
    const { client, connection } = await lab.pair()
    const [there, back] = [pattern(64 * MIB, 1), pattern(64 * MIB, 2)]
    const stream = connection.toDuplex()
    const received: Buffer[] = []
    const collect = new Transform({
      transform(chunk, _encoding, callback) {
        received.push(chunk)
        setImmediate(callback) // slower than the bytes come
      },
    })
    const pieces = Array.from({ length: 1024 }, (_, i) =>
      back.subarray(i * 65_536, (i + 1) * 65_536),
    )
    const heard = client.rest()
    client.end(there)
    await Promise.all([pipeline(stream, collect.resume()), pipeline(Readable.from(pieces), stream)])
    expect(digest(await heard)).toBe(digest(back))
    expect(digest(Buffer.concat(received))).toBe(digest(there))
    expect(await connection.closed).toMatchObject({
      reason: expect.stringMatching(/^(peer|local)-end$/),
      bytesRead: 64 * MIB,
      bytesWritten: 64 * MIB,
    })
    expect([stream.bytesRead, stream.bytesWritten]).toEqual([64 * MIB, 64 * MIB])
  })

  test.each([
    ['a Buffer', (bytes: Buffer) => bytes],
    ['a string', (bytes: Buffer) => bytes.toString('latin1')],
  ])('%s far above every limit in one write goes out in pieces', async (_kind, form) => {
    const limits = { highWatermarkBytes: 20_000, lowWatermarkBytes: 10_000, maxQueuedBytes: 30_000 }
    await using lab = await openLab({}, limits)
    const { client, connection } = await lab.pair()
    const bytes = pattern(8 * MIB, 3).map((byte) => byte & 0x7f)
    const stream = connection.toDuplex()
    stream.end(form(Buffer.from(bytes)))
    const queued = () => connection.info()?.bytesQueued ?? 0
    let before = -1
    await until(() => {
      const taken = connection.info()?.bytesWritten ?? 0
      const halted = taken === before && queued() > 0
      before = taken
      return halted
    }, 'the kernel is full')
    expect(queued()).toBeLessThanOrEqual(30_000)
    const heard = client.rest()
    await once(stream, 'finish')
    client.end()
    stream.resume()
    expect(digest(await heard)).toBe(digest(bytes))
    expect((await connection.closed).reason).toBe('local-end')
  })

  test('a client that does not read halts the writer, and little is held for it', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const stream = connection.toDuplex()
    const chunk = pattern(65_536, 4)
    let written = 0
    const more = () => {
      while (written < 1024 && stream.write(chunk)) written++
    }
    stream.on('drain', () => {
      written++
      more()
    })
    more()
    let before = -1
    await until(() => {
      const halted = before === written
      before = written
      return halted
    }, 'the writer halts')
    expect(written).toBeLessThan(1024)
    expect(connection.info()?.bytesQueued).toBeLessThanOrEqual(2 * 65_536)
    expect(stream.writableLength).toBeLessThanOrEqual(2 * 65_536)
    client.destroy()
    stream.on('error', () => {})
    await connection.closed
  })

  test('a stream that is not read halts the client, and gets all of it later', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const stream = connection.toDuplex({ highWaterMark: 10_000 })
    const sent = pattern(32 * MIB, 5)
    client.end(sent)
    await until(() => stream.readableLength >= 10_000, 'the stream is full')
    await turns(50)
    // What the kernel and one batch hold besides is not the stream's.
    expect(stream.readableLength).toBeLessThanOrEqual(10_000 + 65_536)
    expect(stream.bytesRead).toBeLessThanOrEqual(MIB)
    const chunks: Buffer[] = []
    for await (const part of stream) chunks.push(part as Buffer)
    expect(digest(Buffer.concat(chunks))).toBe(digest(sent))
    await connection.closed
  })

  test('an echo by Web Streams', async () => {
    await using lab = await openLab({}, { allowHalfOpen: true })
    const { client, connection } = await lab.pair()
    const { readable, writable } = Duplex.toWeb(connection.toDuplex())
    const sent = pattern(8 * MIB, 6)
    const [reader, writer] = [readable.getReader(), writable.getWriter()]
    const heard = client.rest()
    client.end(sent)
    // Until all is there and not until the end: in Node 20 the readable side of a Duplex ends only
    // with the writable one, over a net.Socket too.
    for (let bytes = 0; bytes < sent.length; ) {
      const { value } = await reader.read()
      bytes += value.length
      await writer.write(value)
    }
    await writer.close()
    expect(digest(await heard)).toBe(digest(sent))
    expect((await connection.closed).reason).toMatch(/^(peer|local)-end$/)
  })
})

describe('toDuplex()', () => {
  test('takes the place of handler.data, drain and end, but not of close and the hooks', async () => {
    const calls: string[] = []
    await using lab = await openLab({
      open: (connection) => {
        connection.onCleanup(() => calls.push('hook'))
        connection.toDuplex().resume()
      },
      data: () => calls.push('data'),
      end: () => calls.push('end'),
      close: (_connection, { reason }) => calls.push(`close ${reason}`),
    })
    const { client, connection } = await lab.pair()
    client.end('not for the handler')
    await connection.closed
    expect(calls).toEqual(['close peer-end', 'hook'])
  })

  test('gives the same stream again, also after the end; none after an end without one', async () => {
    await using lab = await openLab()
    const [kept, none] = [await lab.pair(), await lab.pair()]
    const stream = kept.connection.toDuplex()
    expect(kept.connection.toDuplex({ allowHalfOpen: true })).toBe(stream)
    expect(stream.connection).toBe(kept.connection)
    for (const { connection } of [kept, none]) {
      connection.destroy()
      await connection.closed
    }
    expect(kept.connection.toDuplex()).toBe(stream)
    expect(() => none.connection.toDuplex()).toThrow(
      expect.objectContaining({ code: 'ERR_HOLDFAST_CLOSED' }),
    )
  })

  test.each([
    [{ allowHalfOpen: 1 }, /^allowHalfOpen must be /],
    [{ highWaterMark: 0 }, /^highWaterMark must be .*; got 0$/],
    [{ readable: true }, /^toDuplex has no option "readable"/],
    [null, /^toDuplex: options must be an object; got null$/],
  ])('refuses %j', async (options, message) => {
    await using lab = await openLab()
    const { connection } = await lab.pair()
    expect(() => connection.toDuplex(options as never)).toThrow(message)
    connection.destroy()
    await connection.closed
  })

  test('later, from within handler.data: what follows goes to the stream', async () => {
    const heard: string[] = []
    await using lab = await openLab({
      data(connection, chunk) {
        heard.push(`handler ${chunk}`)
        connection.toDuplex().on('data', (more) => heard.push(`stream ${more}`))
        connection.write('.')
      },
    })
    const { client, connection } = await lab.pair()
    client.write('one')
    await client.read(1)
    client.end('two')
    await connection.closed
    expect(heard).toEqual(['handler one', 'stream two'])
  })

  test('of one that is paused, and holds bytes and an end: the stream gets them', async () => {
    await using lab = await openLab({ open: (connection) => connection.pause() })
    const { client, connection } = await lab.pair()
    client.end('held')
    await turns(5)
    const chunks: Buffer[] = []
    for await (const chunk of connection.toDuplex()) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('held')
    await connection.closed
  })

  test('after the end of the peer: the stream hears of it', async () => {
    let ended: ((connection: Connection) => void) | undefined
    const end = new Promise<Connection>((resolve) => {
      ended = resolve
    })
    await using lab = await openLab(
      { end: (connection) => ended?.(connection) },
      { allowHalfOpen: true },
    )
    const { client } = await lab.pair()
    client.end()
    const connection = await end
    const stream = connection.toDuplex()
    await once(stream.resume(), 'end')
    stream.end('heard')
    expect((await client.rest()).toString()).toBe('heard')
    await connection.closed
  })
})
