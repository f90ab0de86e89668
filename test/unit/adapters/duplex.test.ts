import '../../../lib/adapters/duplex.js'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import type { ListenOptions } from '../../../lib/core/options.js'
import { OP_END, OP_PAUSE, OP_RESUME, OP_WRITE } from '../../../lib/native/records.js'
import { fakeServer } from '../../support/fake-server.js'

async function oneStream(options: Partial<ListenOptions> = {}) {
  const connections: Connection[] = []
  const fake = fakeServer({ open: (one) => connections.push(one) }, options)
  const peer = fake.native.connect()
  await fake.native.turn()
  const [connection] = connections as [Connection]
  const stream: Socket = connection.toDuplex()
  const operations = () => fake.native.submitted.map(([op]) => op)
  return { ...fake, peer, connection, stream, operations }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('submissions', () => {
  test('corked writes become one', async () => {
    const { stream, native, operations, peer } = await oneStream()
    stream.cork()
    for (const text of ['a', 'b', 'c']) stream.write(text)
    stream.uncork()
    stream.end()
    await native.settle()
    expect(operations()).toEqual([OP_WRITE, OP_END])
    expect(peer.text).toBe('abc')
  })

  test('so do writes that follow each other without an uncork', async () => {
    const { stream, native, operations } = await oneStream()
    for (const text of ['a', 'b', 'c']) stream.write(text)
    await native.settle()
    expect(operations()).toEqual([OP_WRITE])
  })

  test('a stream that is full is paused once, and resumed once when it is read', async () => {
    const { stream, native, operations, peer } = await oneStream()
    for (let i = 0; i < 4; i++) peer.send(new Uint8Array(stream.readableHighWaterMark))
    await native.settle()
    expect(operations()).toEqual([OP_PAUSE])
    stream.on('data', () => {})
    await native.settle()
    expect(operations()).toEqual([OP_PAUSE, OP_RESUME])
    expect(stream.bytesRead).toBe(4 * stream.readableHighWaterMark)
  })
})

describe("a write's callback", () => {
  const watermarks = { highWatermarkBytes: 100, lowWatermarkBytes: 40, maxQueuedBytes: 1_000 }

  test('is held above the high watermark, and called when drain comes', async () => {
    const { stream, native, peer } = await oneStream(watermarks)
    peer.room = 0
    const called: string[] = []
    stream.write(Buffer.alloc(100), () => called.push('first'))
    stream.write(Buffer.alloc(50), () => called.push('second'))
    await native.settle()
    expect(called).toEqual(['first'])
    expect(stream.bytesWritten).toBe(150)
    peer.take(200)
    await native.settle()
    expect(called).toEqual(['first', 'second'])
  })

  test('gets the error when the connection dies before', async () => {
    const { stream, native, peer } = await oneStream(watermarks)
    peer.room = 0
    const called: unknown[] = []
    stream.on('error', () => {})
    stream.write(Buffer.alloc(150), (error) => called.push((error as NodeJS.ErrnoException).code))
    stream.write('behind it', (error) => called.push((error as NodeJS.ErrnoException).code))
    await native.turn()
    peer.fail('send-timeout')
    await native.settle()
    expect(called).toEqual(['ETIMEDOUT', 'ETIMEDOUT'])
  })
})

describe('a chunk that is longer than what may wait', () => {
  const little = { highWatermarkBytes: 65_536, lowWatermarkBytes: 65_536, maxQueuedBytes: 65_537 }
  const chunk = Buffer.alloc(1_048_576, 'abcdefghijk')

  test.each([
    ['a little room above the watermark', little],
    ['less room than a piece', { ...little, maxQueuedBytes: 70_000, lowWatermarkBytes: 0 }],
    [
      'a limit below a piece',
      { highWatermarkBytes: 0, lowWatermarkBytes: 0, maxQueuedBytes: 5_000 },
    ],
    ['the default', {}],
  ])('arrives whole and in few writes, with %s', async (_, options) => {
    const { stream, native, peer, connection } = await oneStream(options)
    const write = vi.spyOn(connection, 'write')
    let called = 0
    for (const [index, data] of [chunk, chunk.toString('latin1')].entries()) {
      peer.room = 0
      stream.write('first')
      stream.write(data, () => called++)
      await native.settle()
      for (let turns = 0; turns < 2_000 && called === index; turns++) {
        peer.take(3_000)
        await native.settle()
      }
      peer.take(Number.POSITIVE_INFINITY)
      await native.settle()
    }
    expect(connection.completion).toBeNull()
    expect(called).toBe(2)
    expect(peer.text).toBe(`first${chunk}`.repeat(2))
    expect(write.mock.calls.length).toBeLessThan(1_000)
  })

  test('is cut when its turn comes', async () => {
    const { stream, native, peer } = await oneStream(little)
    peer.room = 0
    const cut = vi.spyOn(Buffer.prototype, 'subarray')
    onTestFinished(() => cut.mockRestore())
    stream.write(chunk)
    await native.settle()
    expect(cut.mock.calls.length).toBeLessThan(50)
  })
})

test('ref() and unref() are those of the connection', async () => {
  const { stream, peer } = await oneStream()
  expect(stream.unref()).toBe(stream)
  expect(peer.referenced).toBe(false)
  stream.ref()
  expect(peer.referenced).toBe(true)
})

test('connect() of what is connected destroys it with EISCONN', async () => {
  const { stream, native } = await oneStream()
  const errors: unknown[] = []
  stream.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code))
  stream.connect(1)
  await native.settle()
  expect(errors).toEqual(['EISCONN'])
  expect(stream.destroyed).toBe(true)
})

describe('timeout', () => {
  async function timed(options: Partial<ListenOptions> = {}) {
    const one = await oneStream(options)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 0 })
    const rang: number[] = []
    one.stream.on('timeout', () => rang.push(performance.now()))
    one.stream.setTimeout(100)
    return { ...one, rang }
  }

  test('bytes of either way put it off', async () => {
    const { stream, native, peer, rang } = await timed()
    stream.resume()
    vi.advanceTimersByTime(60)
    peer.send('x')
    await native.turn()
    vi.advanceTimersByTime(60)
    stream.write('y')
    await native.turn()
    vi.advanceTimersByTime(99)
    expect(rang).toEqual([])
    vi.advanceTimersByTime(100)
    expect(rang).toEqual([220])
  })

  test('while the kernel takes bytes that wait it does not ring; when it stands still, it does', async () => {
    const { stream, native, peer, rang } = await timed()
    peer.room = 0
    stream.write(Buffer.alloc(60_000))
    await native.turn()
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(90)
      peer.take(1000)
      await native.turn()
    }
    expect(rang).toEqual([])
    vi.advanceTimersByTime(300)
    expect(rang).toHaveLength(1)
  })

  test('of a stream that is destroyed does nothing', async () => {
    const { stream, native, rang } = await timed()
    stream.destroy()
    vi.advanceTimersByTime(1000)
    expect(stream.setTimeout(10)).toBe(stream)
    vi.advanceTimersByTime(1000)
    await native.settle()
    expect(rang).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
