import { describe, expect, test } from 'vitest'
import type { Connection, Handler } from '../../../lib/core/contract.js'
import { KIND_DATA, KIND_END } from '../../../lib/native/records.js'
import type { MemoryPeer } from '../../../lib/testing/peer.js'
import { type FakeServer, fakeServer } from '../../support/fake-server.js'

/** A server whose handler writes down what it sees and pauses at the chunk 'pause'. */
function pausing(more: Handler = {}) {
  const seen: string[] = []
  const connections: Connection[] = []
  const fake = fakeServer({
    open: (connection) => connections.push(connection),
    data(connection, chunk) {
      seen.push(String(chunk))
      if (String(chunk) === 'pause') connection.pause()
      return more.data?.(connection, chunk)
    },
    end: () => seen.push('end'),
    close: () => seen.push('close'),
  })
  const connection = () => connections[0] as Connection
  return { ...fake, seen, connection }
}

/** Records that were already received when the pause was submitted. */
function already({ native }: FakeServer, peer: MemoryPeer, ...texts: string[]) {
  for (const text of texts) {
    const bytes = Buffer.from(text)
    native.push([KIND_DATA, peer.slot, peer.generation, 0, bytes.length], bytes)
  }
}

describe('chunks that were received before pause() took effect', () => {
  test('are held, and delivered in order on resume', async () => {
    const fake = pausing()
    const peer = fake.native.connect()
    already(fake, peer, 'pause', 'two', 'three')
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause'])
    fake.connection().resume()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'two', 'three'])
  })

  test('come before everything received later', async () => {
    const fake = pausing()
    const peer = fake.native.connect()
    already(fake, peer, 'pause', 'two')
    await fake.native.settle()
    peer.send('three')
    fake.connection().resume()
    already(fake, peer, 'sneaked in')
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'two', 'sneaked in', 'three'])
  })

  test('stop again at the next pause', async () => {
    const fake = pausing()
    already(fake, fake.native.connect(), 'pause', 'pause', 'last')
    await fake.native.settle()
    fake.connection().resume()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'pause'])
    fake.connection().resume()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'pause', 'last'])
  })

  test('are not delivered from within resume()', async () => {
    const fake = pausing()
    already(fake, fake.native.connect(), 'pause', 'held')
    await fake.native.settle()
    fake.connection().resume()
    expect(fake.seen).toEqual(['pause'])
    fake.connection().pause()
    fake.connection().resume()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'held'])
  })

  test('stay held when paused again at once', async () => {
    const fake = pausing()
    already(fake, fake.native.connect(), 'pause', 'held')
    await fake.native.settle()
    fake.connection().resume()
    fake.connection().pause()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause'])
  })

  test('are followed by the end that came after them', async () => {
    const fake = pausing()
    const peer = fake.native.connect()
    already(fake, peer, 'pause', 'held')
    fake.native.push([KIND_END, peer.slot, peer.generation])
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause'])
    fake.connection().resume()
    peer.finReported = true
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'held', 'end', 'close'])
  })

  test('are delivered before the close when the connection dies', async () => {
    const fake = pausing()
    const peer = fake.native.connect()
    already(fake, peer, 'pause', 'held', 'too')
    peer.fail('peer-reset', 104)
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'held', 'too', 'close'])
  })

  test('are dropped when the application destroys the connection', async () => {
    const fake = pausing()
    already(fake, fake.native.connect(), 'pause', 'held')
    await fake.native.settle()
    fake.connection().destroy()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'close'])
  })

  test('that make the handler throw end the connection, and the rest is dropped', async () => {
    const fake = pausing({
      data(_, chunk) {
        if (String(chunk) === 'bad') throw new Error('boom')
      },
    })
    already(fake, fake.native.connect(), 'pause', 'bad', 'never')
    await fake.native.settle()
    fake.connection().resume()
    await fake.native.settle()
    expect(fake.seen).toEqual(['pause', 'bad', 'close'])
    expect(fake.completions).toMatchObject([{ reason: 'handler-error', error: new Error('boom') }])
  })
})

test('bytes that arrive while paused wait in the kernel', async () => {
  const fake = pausing()
  const peer = fake.native.connect()
  peer.send('pause')
  await fake.native.settle()
  peer.send('later')
  await fake.native.settle()
  expect(fake.seen).toEqual(['pause'])
  fake.connection().resume()
  await fake.native.settle()
  expect(fake.seen).toEqual(['pause', 'later'])
})
