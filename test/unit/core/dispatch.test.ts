import { describe, expect, test } from 'vitest'
import type { Connection, Handler } from '../../../lib/core/contract.js'
import {
  KIND_DATA,
  KIND_ENDING,
  OP_DESTROY,
  OP_END,
  REASON_NAMES,
} from '../../../lib/native/records.js'
import { fakeServer } from '../../support/fake-server.js'
import { recorder } from '../../support/recorder.js'

test('one life: open, data, end, close', async () => {
  const { seen, recording } = recorder({ data: (connection, chunk) => connection.write(chunk) })
  const { native, completions } = fakeServer(recording)
  const peer = native.connect()
  peer.send('ping')
  peer.end()
  await native.settle()
  expect(seen).toEqual(['open', 'data:ping', 'end', 'close:peer-end'])
  expect(peer.text).toBe('ping')
  expect(completions).toMatchObject([{ reason: 'peer-end', bytesRead: 4, bytesWritten: 4 }])
})

test('a handler without methods serves too', async () => {
  const { native, completions } = fakeServer({})
  const peer = native.connect()
  peer.send('x')
  peer.end()
  await native.settle()
  expect(completions).toHaveLength(1)
})

test('methods are called on the handler object', async () => {
  class Counting implements Handler {
    bytes = 0
    data(_connection: Connection, chunk: Buffer) {
      this.bytes += chunk.length
    }
  }
  const handler = new Counting()
  const { native } = fakeServer(handler)
  native.connect().send('12345')
  await native.turn()
  expect(handler.bytes).toBe(5)
})

test('what data received stays what it was', async () => {
  const kept: Buffer[] = []
  const { native } = fakeServer({ data: (_, chunk) => kept.push(chunk) })
  const [first, second] = [native.connect(), native.connect()]
  first.send('first')
  second.send('second')
  await native.turn()
  first.send('third')
  await native.turn()
  expect(kept.map(String)).toEqual(['first', 'second', 'third'])
  expect(kept.every((chunk) => Buffer.isBuffer(chunk))).toBe(true)
})

test('chunks of one batch do not overlap', async () => {
  const kept: Buffer[] = []
  const { native } = fakeServer({ data: (_, chunk) => kept.push(chunk) })
  const peer = native.connect()
  peer.send('abc')
  peer.send('def')
  await native.turn()
  kept[0]?.fill('!')
  expect(String(kept[1])).toBe('def')
})

test('bytes that lie above a rest of an earlier batch are found', async () => {
  const { seen, recording } = recorder()
  const { native } = fakeServer(recording)
  native.slabStart = 4_096
  native.connect().send('up there')
  await native.turn()
  expect(seen).toContain('data:up there')
})

describe('a connection destroyed by the application', () => {
  test('hears of nothing but its close', async () => {
    const { seen, recording } = recorder({ data: (connection) => connection.destroy() })
    const { native } = fakeServer(recording)
    const peer = native.connect()
    peer.send('one')
    peer.send('two')
    peer.end()
    await native.settle()
    expect(seen).toEqual(['open', 'data:one', 'close:local-abort'])
  })

  test('by the handler of another one, later in the same batch', async () => {
    const { seen, connections, recording } = recorder({
      data: (connection) => {
        for (const other of connections) if (other !== connection) other.destroy()
      },
    })
    const { native } = fakeServer(recording)
    const peers = [native.connect(), native.connect()]
    await native.turn()
    for (const peer of peers) peer.send(`from ${peer.slot}`)
    await native.settle()
    expect(seen).toEqual(['open', 'open', 'data:from 0', 'close:local-abort'])
  })

  test('while its close is already in the batch is closed once, for the first reason', async () => {
    const { seen, connections, recording } = recorder({
      data: () => connections[1]?.destroy(),
    })
    const { native } = fakeServer(recording)
    const peers = [native.connect(), native.connect()]
    await native.turn()
    peers[0]?.send('x')
    peers[1]?.fail('peer-reset', 104)
    await native.settle()
    expect(seen).toEqual(['open', 'open', 'data:x', 'close:peer-reset'])
  })
})

describe('half-close', () => {
  test('what end() writes is still sent before our own FIN', async () => {
    const { native, completions } = fakeServer({ end: (connection) => connection.write('bye') })
    const peer = native.connect()
    peer.end()
    await native.settle()
    expect(peer.text).toBe('bye')
    expect(completions).toMatchObject([{ reason: 'peer-end', bytesWritten: 3 }])
  })

  test('with allowHalfOpen the connection stays until end() is called', async () => {
    const { connections, recording } = recorder()
    const { native, completions } = fakeServer(recording, { allowHalfOpen: true })
    const peer = native.connect()
    peer.end()
    await native.settle()
    expect(completions).toEqual([])
    expect(connections[0]?.write('still here')).toBe(true)
    connections[0]?.end()
    await native.settle()
    expect(peer.text).toBe('still here')
    // The peer was first; our end() answered.
    expect(completions).toMatchObject([{ reason: 'peer-end' }])
  })
})

describe('a connection that is to be ended', () => {
  const LIFETIME = REASON_NAMES.indexOf('lifetime')

  test('is ended behind what the handler wrote before that record, and for its reason', async () => {
    const { connections, recording } = recorder({ data: (connection) => connection.write('pong') })
    const { native, server, completions } = fakeServer(recording)
    const peer = native.connect()
    peer.send('ping')
    native.push([KIND_ENDING, peer.slot, peer.generation, LIFETIME])
    peer.send('ping')
    await native.turn()
    expect(connections[0]).toMatchObject({ state: 'draining', writable: false })
    expect(server.counters.writesAfterEnd).toBe(1)
    peer.end()
    await native.settle()
    expect(peer.text).toBe('pong')
    expect(completions).toMatchObject([{ reason: 'lifetime', bytesWritten: 4 }])
  })

  test('keeps the reason of whoever ended it first', async () => {
    const { connections, recording } = recorder()
    const { native } = fakeServer(recording)
    const peer = native.connect()
    await native.turn()
    connections[0]?.end()
    native.push([KIND_ENDING, peer.slot, peer.generation, LIFETIME])
    await native.turn()
    const [op, , , reason] = native.submitted[0] ?? []
    expect(native.submitted).toHaveLength(1)
    expect([op, REASON_NAMES[reason ?? 0]]).toEqual([OP_END, 'local-end'])
  })
})

test('records of a stale id are dropped', async () => {
  const { seen, recording } = recorder()
  const { native } = fakeServer(recording)
  const peer = native.connect()
  await native.turn()
  native.push([KIND_DATA, peer.slot, peer.generation + 1, 0, 5], Buffer.from('other'))
  native.push([KIND_DATA, 63, 1, 0, 5], Buffer.from('never'))
  await native.turn()
  expect(seen).toEqual(['open'])
})

test('a slot is used again under a new generation', async () => {
  const { connections, recording } = recorder()
  const { native, completions } = fakeServer(recording)
  native.connect().fail('peer-reset', 104)
  await native.turn()
  const second = native.connect()
  await native.turn()
  const [old, current] = connections
  expect(second.slot).toBe(0)
  expect(current?.id).not.toBe(old?.id)
  old?.write('to nobody')
  old?.destroy()
  await native.settle()
  expect(second.text).toBe('')
  expect(second.closed).toBe(false)
  expect(completions).toHaveLength(1)
})

test('an arrival of a listener that nobody owns is destroyed', async () => {
  const { native } = fakeServer()
  const peer = native.connect(7)
  await native.settle()
  expect(native.submitted.map(([op]) => op)).toEqual([OP_DESTROY])
  expect(peer.closed).toBe(true)
})

test('a flush in the middle of a batch changes nothing that was not delivered yet', async () => {
  const large = Buffer.alloc(70_000)
  const { seen, recording } = recorder({ data: (connection) => connection.write(large) })
  const { native } = fakeServer(recording)
  const peers = [native.connect(), native.connect(), native.connect()]
  for (const peer of peers) peer.send(`from ${peer.slot}`)
  await native.settle()
  expect(seen.filter((what) => what.startsWith('data'))).toEqual([
    'data:from 0',
    'data:from 1',
    'data:from 2',
  ])
  expect(peers.map((peer) => peer.bytesReceived)).toEqual([70_000, 70_000, 70_000])
})
