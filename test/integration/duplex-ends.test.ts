import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { Connection, DisconnectCompletion } from '../../lib/index.js'
import { pattern } from '../support/bytes.js'
import { expectInTime, quickKeepalive, vanishForGood } from '../support/dead-peer.js'
import { type Lab, type LabOptions, openLab } from '../support/lab.js'

// What ends the connection beneath, as the stream tells it. That it tells what a net.Socket would,
// wherever both can, is for duplex-like-net.test.ts.

interface DisconnectError extends NodeJS.ErrnoException {
  completion: DisconnectCompletion
}

/** All that the stream says of its end, in order; resolves behind 'close'. */
async function ending(stream: Socket): Promise<{ events: string[]; error: DisconnectError }> {
  const events: string[] = []
  const errors: DisconnectError[] = []
  stream.on('end', () => events.push('end'))
  stream.on('finish', () => events.push('finish'))
  stream.on('error', (error: DisconnectError) => {
    events.push(`error ${error.code}`)
    errors.push(error)
  })
  const [hadError] = (await once(stream, 'close').catch(() => once(stream, 'close'))) as [boolean]
  events.push(`close ${hadError}`)
  return { events, error: errors[0] as DisconnectError }
}

async function streamIn(lab: Lab, options: { allowHalfOpen?: boolean } = {}) {
  const pair = await lab.pair()
  const stream = pair.connection.toDuplex(options)
  return { ...pair, stream: stream.resume() as Socket, ended: ending(stream) }
}

describe('an error has the code that node gives, and the completion', () => {
  test('a reset', async () => {
    await using lab = await openLab()
    const { client, connection, ended } = await streamIn(lab)
    client.reset()
    const { events, error } = await ended
    expect(events).toEqual(['error ECONNRESET', 'close true'])
    expect(error).toMatchObject({ message: 'read ECONNRESET', errno: -104, syscall: 'read' })
    expect(error.completion).toBe(connection.completion)
    expect(error.completion).toMatchObject({ reason: 'peer-reset', actor: 'peer' })
  })

  test('a peer that vanished', async () => {
    await using lab = await openLab({}, { keepalive: quickKeepalive })
    const { client, connection, ended } = await streamIn(lab)
    expectInTime(await vanishForGood({ client, connection }))
    const { events, error } = await ended
    expect(events).toEqual(['error ETIMEDOUT', 'close true'])
    expect(error).toMatchObject({ message: 'read ETIMEDOUT', errno: -110, syscall: 'read' })
    expect(error.completion.reason).toBe('keepalive-timeout')
  })

  test('a peer that vanished with data in flight', async () => {
    await using lab = await openLab({}, { keepalive: quickKeepalive })
    const { client, connection, stream, ended } = await streamIn(lab)
    const vanished = vanishForGood({ client, connection })
    stream.write('are you there?')
    await vanished
    const { events, error } = await ended
    expect(events).toEqual(['error ETIMEDOUT', 'close true'])
    expect(['send-timeout', 'keepalive-timeout']).toContain(error.completion.reason)
  })

  const policies: [string, LabOptions, (connection: Connection) => void][] = [
    ['idle-timeout', { deadlines: { idleMs: 300 } }, () => {}],
    ['handshake-timeout', { deadlines: { handshakeMs: 300 } }, () => {}],
    [
      'slow-consumer',
      { maxQueuedBytes: 70_000 },
      (connection) => {
        connection.write(Buffer.alloc(70_001))
      },
    ],
  ]
  test.each(policies)('a rule: %s', async (reason, options, act) => {
    await using lab = await openLab({}, options)
    const { connection, ended } = await streamIn(lab)
    act(connection)
    const { events, error } = await ended
    expect(events).toEqual(['error ERR_HOLDFAST_DISCONNECTED', 'close true'])
    expect(error.message).toBe(`the connection was ended: ${reason}`)
    expect(error.completion.reason).toBe(reason)
  })

  test('replaced', async () => {
    await using lab = await openLab()
    const [old, young] = [await streamIn(lab), await streamIn(lab)]
    await lab.server.identify(old.connection, 'lamp')
    await lab.server.identify(young.connection, 'lamp')
    const { error } = await old.ended
    expect(error).toMatchObject({ code: 'ERR_HOLDFAST_DISCONNECTED' })
    expect(error.completion.reason).toBe('replaced')
    young.stream.destroy()
    await young.ended
  })

  test('what a listener of data throws ends its own connection, and is the cause', async () => {
    await using lab = await openLab()
    const { client, connection, stream, ended } = await streamIn(lab)
    const other = await streamIn(lab)
    const thrown = new Error('in the listener')
    stream.on('data', () => {
      throw thrown
    })
    client.write('x')
    const { events, error } = await ended
    expect(events).toEqual(['error ERR_HOLDFAST_DISCONNECTED', 'close true'])
    expect(error.cause).toBe(thrown)
    expect(connection.completion).toMatchObject({ reason: 'handler-error', error: thrown })
    expect(other.stream.destroyed).toBe(false)
    other.stream.destroy()
    await other.ended
  })
})

describe('the reason of the completion', () => {
  const ends: [string, string, (stream: Socket, endPeer: () => void) => void][] = [
    ['peer-end', 'the peer ends, the stream answers', (_stream, endPeer) => endPeer()],
    [
      'local-end',
      'the stream ends first',
      (stream, endPeer) => stream.end('x').once('finish', endPeer),
    ],
    ['local-end', 'destroySoon()', (stream) => stream.end('x').destroySoon()],
    ['local-end', 'destroy() after finish', (stream) => stream.end(() => stream.destroy())],
    ['local-abort', 'destroy()', (stream) => stream.destroy()],
    ['local-abort', 'destroy() with an error', (stream) => stream.destroy(new Error('own'))],
    ['local-abort', 'resetAndDestroy()', (stream) => stream.resetAndDestroy()],
  ]
  test.each(ends)('%s: %s', async (reason, _name, act) => {
    await using lab = await openLab()
    const { client, connection, stream, ended } = await streamIn(lab)
    let atClose: DisconnectCompletion | null = null
    stream.on('close', () => {
      atClose = connection.completion
    })
    const heard = client.untilOver()
    act(stream, () => client.end())
    await ended
    await heard
    expect((await connection.closed).reason).toBe(reason)
    expect(atClose).toBe(connection.completion)
  })

  test('destroy() with bytes that wait is local-abort, also behind end()', async () => {
    await using lab = await openLab()
    const { connection, stream, ended } = await streamIn(lab)
    stream.end(pattern(16 * 1024 * 1024, 1))
    await new Promise((resolve) => setImmediate(resolve))
    stream.destroy()
    expect((await ended).events).toEqual(['close false'])
    expect((await connection.closed).reason).toBe('local-abort')
  })
})

describe('ended beneath the stream', () => {
  test("conn.destroy(): 'close' alone, and a pipeline() that ended early", async () => {
    await using lab = await openLab()
    const { connection } = await lab.pair()
    const stream = connection.toDuplex()
    const ended = ending(stream)
    const piped = pipeline(stream, new Writable({ write: (_chunk, _encoding, done) => done() }))
    connection.destroy()
    await expect(piped).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    expect((await ended).events).toEqual(['close false'])
    expect((await connection.closed).reason).toBe('local-abort')
  })

  test('conn.end(): a write gets EPIPE, and what the peer sends until then was received', async () => {
    await using lab = await openLab()
    const { client, connection, stream, ended } = await streamIn(lab)
    client.write('heard')
    await once(stream, 'data')
    connection.end()
    stream.write('too late')
    const { events, error } = await ended
    expect(events).toEqual(['error EPIPE', 'close true'])
    expect(error).toMatchObject({ errno: -32, syscall: 'write' })
    expect((await connection.closed).reason).toBe('local-end')
    expect((await client.rest()).toString()).toBe('')
  })

  test('conn.end(), and the peer answers: an orderly end', async () => {
    await using lab = await openLab()
    const { client, connection, ended } = await streamIn(lab, { allowHalfOpen: true })
    connection.end('last')
    expect((await client.rest()).toString()).toBe('last')
    client.end()
    expect((await ended).events).toEqual(['end', 'finish', 'close false'])
    expect((await connection.closed).reason).toBe('local-end')
  })

  test('server.close(): an orderly end for who answers, an error for who does not', async () => {
    await using lab = await openLab()
    const polite = await streamIn(lab)
    const mute = await streamIn(lab)
    const closing = lab.server.close({ deadlineMs: 300 })
    await polite.client.rest()
    polite.client.end()
    await closing
    expect((await polite.ended).events).toEqual(['end', 'finish', 'close false'])
    expect((await mute.ended).events).toEqual(['error ERR_HOLDFAST_DISCONNECTED', 'close true'])
    const reasons = lab.completions.map(({ reason }) => reason)
    expect(reasons).toEqual(['shutdown', 'shutdown'])
  })

  test('a lifetime that is over: an orderly end', async () => {
    await using lab = await openLab({}, { deadlines: { lifetimeMs: 300 } })
    const { client, connection, ended } = await streamIn(lab)
    await client.rest()
    client.end()
    expect((await ended).events).toEqual(['end', 'finish', 'close false'])
    expect((await connection.closed).reason).toBe('lifetime')
  })
})
