import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { TcpConnection } from '../../../lib/core/connection.js'
import type { Connection, Handler } from '../../../lib/core/contract.js'
import type { ListenOptions } from '../../../lib/core/options.js'
import { fakeServer } from '../../support/fake-server.js'

async function oneConnection(handler: Handler = {}, options: Partial<ListenOptions> = {}) {
  const connections: Connection[] = []
  const fake = fakeServer({ ...handler, open: (one) => connections.push(one) }, options)
  const peer = fake.native.connect()
  await fake.native.turn()
  return { ...fake, peer, connection: connections[0] as TcpConnection }
}

const watermarks = { highWatermarkBytes: 100, lowWatermarkBytes: 40, maxQueuedBytes: 1_000 }

test('an id is generation and slot, exact in a double', async () => {
  const { connection } = await oneConnection()
  expect(connection.id).toBe(2 ** 24)
  expect(Number.isSafeInteger((2 ** 29 - 1) * 2 ** 24 + 2 ** 24 - 1)).toBe(true)
})

test('knows its server and its peer, and keeps user data', async () => {
  const { connection, server } = await oneConnection()
  expect(connection.server).toBe(server)
  expect([connection.remoteAddress, connection.remotePort]).toEqual(['192.0.2.7', 50_000])
  expect(connection.data).toBeUndefined()
  connection.data = { user: 1 }
  expect(connection.data).toEqual({ user: 1 })
})

test('all connections share one hidden class of eight fields', async () => {
  const { connection } = await oneConnection()
  expect(Object.keys(connection)).toEqual([
    ...['home', 'slot', 'generation', 'flags', 'data', 'hooks', 'extra', 'completion'],
  ])
})

test('prints as one line', async () => {
  const { connection } = await oneConnection()
  expect(inspect(connection)).toBe("Connection { id: 16777216, state: 'open' }")
})

describe('write', () => {
  test('is true up to the high watermark and false above it, and the bytes are taken anyway', async () => {
    const { connection, peer, native } = await oneConnection({}, watermarks)
    expect(connection.write('x'.repeat(100))).toBe(true)
    expect(connection.write('y')).toBe(false)
    expect(connection.writable).toBe(true)
    await native.settle()
    expect(peer.text).toBe(`${'x'.repeat(100)}y`)
  })

  test('that was false is followed by one drain, at the low watermark', async () => {
    const seen: string[] = []
    const { connection, peer, native } = await oneConnection(
      { drain: () => seen.push('drain') },
      watermarks,
    )
    peer.room = 0
    connection.write('x'.repeat(150))
    await native.settle()
    peer.take(100)
    await native.settle()
    expect(seen).toEqual([])
    peer.take(10)
    await native.settle()
    expect(seen).toEqual(['drain'])
    peer.take(1_000)
    await native.settle()
    expect(seen).toEqual(['drain'])
  })

  test('that was true is followed by no drain', async () => {
    const seen: string[] = []
    const { connection, native } = await oneConnection({ drain: () => seen.push('drain') })
    connection.write('x')
    await native.settle()
    expect(seen).toEqual([])
  })

  test('above the limit ends the connection as a slow consumer', async () => {
    const { connection, peer, native, completions } = await oneConnection({}, watermarks)
    peer.room = 0
    connection.write('x'.repeat(1_000))
    expect(connection.writable).toBe(true)
    expect(connection.write('y')).toBe(false)
    expect(connection.writable).toBe(false)
    await native.settle()
    expect(completions).toMatchObject([
      { reason: 'slow-consumer', actor: 'policy', evidence: { bytesUnsent: 1_000 } },
    ])
  })

  test('after the end is false, counted, and sends nothing', async () => {
    const { connection, peer, native, server } = await oneConnection()
    connection.end('last')
    expect(connection.write('x')).toBe(false)
    await native.settle()
    connection.destroy()
    expect(connection.write('x')).toBe(false)
    await native.settle()
    expect(connection.write('x')).toBe(false)
    connection.end('x')
    expect(peer.text).toBe('last')
    expect(server.counters.writesAfterEnd).toBe(4)
  })
})

describe('the end', () => {
  test('end() sends what is queued, then FIN, and goes on reading until the peer ends', async () => {
    const seen: string[] = []
    const { connection, peer, native, completions } = await oneConnection({
      data: (_, chunk) => seen.push(String(chunk)),
    })
    peer.room = 0
    connection.write('queued ')
    connection.end('last')
    expect(connection.state).toBe('draining')
    await native.settle()
    expect(peer.finReceived).toBe(false)
    peer.send('still heard')
    peer.take(100)
    await native.settle()
    expect(peer.text).toBe('queued last')
    expect(peer.finReceived).toBe(true)
    expect(seen).toEqual(['still heard'])
    peer.end()
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'local-end' }])
    expect(connection.state).toBe('closed')
  })

  test('destroy() drops what is queued, reset() sends RST', async () => {
    const first = await oneConnection()
    first.peer.room = 3
    first.connection.write('queued')
    await first.native.settle()
    first.connection.destroy()
    await first.native.settle()
    expect(first.peer.resetReceived).toBe(false)
    expect(first.completions).toMatchObject([
      { reason: 'local-abort', bytesWritten: 3, evidence: { bytesUnsent: 3 } },
    ])
    expect(first.server.counters.bytesWritten).toBe(3)
    const second = await oneConnection()
    second.connection.reset()
    await second.native.settle()
    expect(second.peer.resetReceived).toBe(true)
    expect(second.completions).toMatchObject([{ reason: 'local-abort' }])
  })

  test('destroy() after end() closes at once, and is the reason', async () => {
    const { connection, native, completions } = await oneConnection()
    connection.end()
    await native.settle()
    connection.destroy()
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'local-abort' }])
  })

  test('ending, destroying, pausing and resuming a closed connection does nothing', async () => {
    const { connection, native, completions } = await oneConnection()
    connection.destroy()
    await native.settle()
    const before = native.submitted.length
    const { completion } = connection
    connection.end()
    connection.destroy()
    connection.reset()
    connection.pause()
    connection.resume()
    connection.ref()
    connection.unref()
    await native.settle()
    expect(native.submitted).toHaveLength(before)
    expect(completions).toEqual([completion])
    expect(connection.completion).toBe(completion)
  })
})

test('pause and resume submit once per change', async () => {
  const { connection, native } = await oneConnection()
  connection.resume()
  connection.pause()
  connection.pause()
  connection.resume()
  connection.resume()
  await native.turn()
  expect(native.submitted).toHaveLength(2)
})

describe('a closed connection', () => {
  const closed = async () => {
    const one = await oneConnection()
    one.peer.fail('peer-reset', 104)
    await one.native.settle()
    return one
  }

  test('knows its peer from the completion', async () => {
    const { connection } = await closed()
    expect(connection.state).toBe('closed')
    expect([connection.remoteAddress, connection.remotePort]).toEqual(['192.0.2.7', 50_000])
  })

  test('has no info and no keepalive', async () => {
    const { connection } = await closed()
    expect(connection.info()).toBeNull()
    for (const call of [() => connection.keepalive(), () => connection.keepalive('nat')]) {
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_HOLDFAST_CLOSED' }))
    }
  })

  test('resolves closed at once and has an aborted signal', async () => {
    const { connection } = await closed()
    expect(await connection.closed).toBe(connection.completion)
    expect(connection.closed).toBe(connection.closed)
    expect(connection.signal.aborted).toBe(true)
    expect(connection.signal.reason).toBe(connection.completion)
  })
})

test('between the end of the socket and its completion there is no peer to ask', async () => {
  const { connection, peer } = await oneConnection()
  peer.fail('peer-reset', 104)
  expect(connection.remoteAddress).toBeNull()
  expect(connection.remotePort).toBeNull()
  expect(connection.info()).toBeNull()
  expect(() => connection.keepalive()).toThrow(/has ended/)
})

test('the signal is one object, aborted before handler.close with the completion', async () => {
  const seen: boolean[] = []
  const { connection, peer, native } = await oneConnection({
    close: (one) => seen.push(one.signal.aborted),
  })
  const { signal } = connection
  expect(connection.signal).toBe(signal)
  expect(signal.aborted).toBe(false)
  peer.fail('peer-reset', 104)
  await native.settle()
  expect(seen).toEqual([true])
  expect(signal.reason).toBe(connection.completion)
})

test('closed is one promise, resolved with the completion', async () => {
  const { connection, peer, native } = await oneConnection()
  const promise = connection.closed
  expect(connection.closed).toBe(promise)
  peer.fail('peer-reset', 104)
  await native.settle()
  expect(await promise).toBe(connection.completion)
})

test('info shows what the kernel and the queue hold', async () => {
  const { connection, peer, native } = await oneConnection()
  peer.room = 2
  native.nowMs = 1_234
  connection.write('12345')
  await native.settle()
  expect(connection.info()).toEqual({
    bytesRead: 0,
    bytesWritten: 2,
    bytesQueued: 3,
    durationMs: 1_234,
    silentMs: 0,
    tcp: null,
  })
})

test('ref and unref reach the connection', async () => {
  const { connection, peer } = await oneConnection()
  connection.unref()
  expect(peer.referenced).toBe(false)
  connection.ref()
  expect(peer.referenced).toBe(true)
})

test('a cleanup hook is a function', async () => {
  const { connection } = await oneConnection()
  expect(() => connection.onCleanup('x' as never)).toThrow(
    expect.objectContaining({ code: 'ERR_HOLDFAST_OPTION_TYPE' }),
  )
})
