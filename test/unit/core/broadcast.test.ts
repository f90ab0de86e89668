import { describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/core/contract.js'
import type { ListenOptions } from '../../../lib/core/options.js'
import type { MemoryPeer } from '../../../lib/testing/peer.js'
import { fakeServer } from '../../support/fake-server.js'

async function room(count: number, options: Partial<ListenOptions> = {}) {
  const connections: Connection[] = []
  const drained: number[] = []
  const handler = {
    open: (one: Connection) => connections.push(one),
    drain: (one: Connection) => drained.push(connections.indexOf(one)),
  }
  const fake = fakeServer(handler, options)
  const peers = Array.from({ length: count }, () => fake.native.connect())
  await fake.native.turn()
  const texts = () => peers.map(({ text }) => text)
  return { ...fake, connections, drained, peers, texts }
}

const watermarks = { highWatermarkBytes: 100, lowWatermarkBytes: 40, maxQueuedBytes: 1_000 }

test('all open connections get it, by one call into native code', async () => {
  const { server, native, texts } = await room(50)
  expect(server.broadcast('hello')).toEqual({ taken: 50, waiting: 0, ended: 0 })
  expect(native.broadcasts).toBe(1)
  expect(texts()).toEqual(Array(50).fill('hello'))
  expect(server.counters.bytesWritten).toBe(250)
})

test('its place is between the writes before and after it', async () => {
  const { server, native, connections, texts } = await room(3)
  for (const connection of connections) connection.write('a')
  server.broadcast('b')
  for (const connection of connections) connection.write('c')
  server.broadcast(Buffer.from('d'))
  await native.turn()
  expect(texts()).toEqual(['abcd', 'abcd', 'abcd'])
})

test('`to` chooses, and `except` leaves out', async () => {
  const { server, connections, texts } = await room(4)
  const [first, second, third] = connections as [Connection, Connection, Connection]
  expect(server.broadcast('x', { to: new Set([first, third]) }).taken).toBe(2)
  expect(server.broadcast('y', { except: second }).taken).toBe(3)
  expect(server.broadcast('w', { except: undefined }).taken).toBe(4)
  expect(server.broadcast('z', { to: [first, second], except: first }).taken).toBe(1)
  expect(server.broadcast('-', { to: [] })).toEqual({ taken: 0, waiting: 0, ended: 0 })
  expect(texts()).toEqual(['xyw', 'wz', 'xyw', 'yw'])
})

test('a connection that comes twice gets it twice', async () => {
  const { server, connections, texts } = await room(1)
  const [one] = connections as [Connection]
  expect(server.broadcast('x', { to: [one, one] }).taken).toBe(2)
  expect(texts()).toEqual(['xx'])
})

test('nothing to send reaches nobody and fails nobody', async () => {
  const { server, native } = await room(2)
  expect(server.broadcast('')).toEqual({ taken: 2, waiting: 0, ended: 0 })
  expect(native.broadcasts).toBe(0)
})

test('a string goes out in the encoding it was given', async () => {
  const { server, peers } = await room(1)
  server.broadcast('é')
  server.broadcast('é', { encoding: 'latin1' })
  expect(Buffer.concat((peers[0] as MemoryPeer).received)).toEqual(Buffer.from([0xc3, 0xa9, 0xe9]))
})

test('shared memory is sent as it was at that moment', async () => {
  const { server, texts } = await room(2)
  const shared = new Uint8Array(new SharedArrayBuffer(3))
  shared.set(Buffer.from('abc'))
  server.broadcast(shared)
  expect(texts()).toEqual(['abc', 'abc'])
})

describe('connections that do not keep up', () => {
  test('above the high watermark they are counted, and drain follows for each', async () => {
    const { server, native, peers, drained } = await room(3, watermarks)
    const slow = peers[1] as MemoryPeer
    slow.room = 0
    expect(server.broadcast('x'.repeat(100))).toEqual({ taken: 3, waiting: 0, ended: 0 })
    expect(server.broadcast('y')).toEqual({ taken: 3, waiting: 1, ended: 0 })
    slow.take(200)
    await native.turn()
    expect(drained).toEqual([1])
  })

  test('above maxQueuedBytes they end as slow-consumer, and the others get it', async () => {
    const { server, native, peers, completions } = await room(3, watermarks)
    ;(peers[2] as MemoryPeer).room = 0
    const bytes = 'x'.repeat(600)
    expect(server.broadcast(bytes)).toEqual({ taken: 3, waiting: 1, ended: 0 })
    expect(server.broadcast(bytes)).toEqual({ taken: 2, waiting: 0, ended: 1 })
    await native.settle()
    expect(completions.map(({ reason }) => reason)).toEqual(['slow-consumer'])
    expect(peers.map(({ bytesReceived }) => bytesReceived)).toEqual([1_200, 1_200, 0])
    expect(server.counters.bytesWritten).toBe(2_400)
  })
})

describe('connections that have ended', () => {
  test('are skipped, and counted when they were named', async () => {
    const { server, native, connections, peers, texts } = await room(4)
    const [ending, destroyed, gone] = connections as [Connection, Connection, Connection]
    ending.end()
    destroyed.destroy()
    ;(peers[2] as MemoryPeer).fail('peer-reset')
    await native.settle()
    expect(gone.state).toBe('closed')
    expect(server.broadcast('all').taken).toBe(1)
    expect(server.counters.writesAfterEnd).toBe(0)
    expect(server.broadcast('named', { to: connections }).taken).toBe(1)
    expect(server.counters.writesAfterEnd).toBe(3)
    expect(texts()).toEqual(['', '', '', 'allnamed'])
  })

  test('also when they end while `to` is iterated', async () => {
    const { server, connections, texts } = await room(2)
    const [first, second] = connections as [Connection, Connection]
    const endsTheFirst = function* () {
      yield first
      first.destroy()
      yield second
    }
    expect(server.broadcast('x', { to: endsTheFirst() }).taken).toBe(1)
    expect(texts()).toEqual(['', 'x'])
  })
})

describe('bad input is refused before anything is sent', () => {
  test('a connection of another server, or none at all', async () => {
    const { server, native, connections } = await room(2)
    const other = await room(1)
    for (const to of [[...connections, ...other.connections], [undefined], 'no', [null], [{}]]) {
      expect(() => server.broadcast('x', { to: to as never })).toThrow(
        expect.objectContaining({
          code: 'ERR_HOLDFAST_OPTION_TYPE',
          message: expect.stringMatching(/^broadcast: to must be only connections of this server/),
        }),
      )
    }
    expect(() => server.broadcast('x', { except: other.connections[0] as Connection })).toThrow(
      'broadcast: except must be a connection of this server',
    )
    expect(native.broadcasts).toBe(0)
  })

  test.each([7, null, {}])('to: %s', async (to) => {
    const { server } = await room(1)
    const message = 'broadcast: to must be an iterable of connections'
    expect(() => server.broadcast('x', { to: to as never })).toThrow(message)
  })

  test('data, encodings and options that there are not', async () => {
    const { server, native } = await room(1)
    expect(() => server.broadcast(7 as never)).toThrow(
      'broadcast: data must be a string or a Uint8Array; got 7',
    )
    expect(() => server.broadcast('x', { encoding: 'hex' as never })).toThrow(
      "broadcast: encoding must be 'utf8' or 'latin1'; got \"hex\"",
    )
    expect(() => server.broadcast('x', { From: 1 } as never)).toThrow(
      'broadcast has no option "From"; known: encoding, to, except',
    )
    expect(() => server.broadcast('x', null as never)).toThrow(
      'broadcast: options must be an object',
    )
    expect(native.broadcasts).toBe(0)
  })

  test('an iteration that throws', async () => {
    const { server, native, connections } = await room(1)
    const failing = function* () {
      yield connections[0] as Connection
      throw new Error('mine')
    }
    expect(() => server.broadcast('x', { to: failing() })).toThrow('mine')
    expect(native.broadcasts).toBe(0)
  })
})
