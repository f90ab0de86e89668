import { describe, expect, test } from 'vitest'
import type { Handler } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { deferred } from '../support/wait.js'

// Deadlines are never early; how late they may be is a busy machine's business, so each is ended by
// an event and compared from below.

describe.concurrent('deadlines', () => {
  test('a connection that neither sends nor receives ends with idle-timeout', async () => {
    await using lab = await openLab({}, { deadlines: { idleMs: 300 } })
    const { connection } = await lab.pair()
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'idle-timeout', actor: 'policy', code: null })
    expect(completion.durationMs).toBeGreaterThanOrEqual(300)
  })

  test('a busy connection outlives its idle time, an idle one beside it does not', async () => {
    await using lab = await openLab({}, { deadlines: { readIdleMs: 600 } })
    const [busy, idle] = await lab.pairs(2)
    if (busy === undefined || idle === undefined) throw new Error('two pairs')
    const chatter = setInterval(() => busy.client.write('x'), 50)
    expect(await idle.connection.closed).toMatchObject({ reason: 'idle-timeout' })
    expect(busy.connection.completion).toBeNull()
    clearInterval(chatter)
    expect(await busy.connection.closed).toMatchObject({ reason: 'idle-timeout' })
  })

  test('one byte now and then does not complete a handshake', async () => {
    await using lab = await openLab({}, { deadlines: { handshakeMs: 400 } })
    const { connection, client } = await lab.pair()
    const drip = setInterval(() => client.write('x'), 50)
    const completion = await connection.closed
    clearInterval(drip)
    expect(completion).toMatchObject({ reason: 'handshake-timeout', actor: 'policy' })
    expect(completion.bytesRead).toBeGreaterThan(0)
  })

  test('ready() completes the handshake', async () => {
    const handler: Handler = { data: (connection) => connection.ready() }
    const deadlines = { handshakeMs: 300, idleMs: 900 }
    await using lab = await openLab(handler, { deadlines })
    const { connection, client } = await lab.pair()
    client.write('hello')
    expect(await connection.closed).toMatchObject({ reason: 'idle-timeout' })
  })

  test('a lifetime ends a connection after what it has written', async () => {
    await using lab = await openLab({}, { deadlines: { lifetimeMs: 300 } })
    const { connection, client } = await lab.pair()
    connection.write('goodbye')
    expect((await client.rest()).toString()).toBe('goodbye')
    client.end()
    expect(await connection.closed).toMatchObject({ reason: 'lifetime', actor: 'policy' })
  })

  test('an end that the client does not answer is cut, with the reason it had', async () => {
    await using lab = await openLab({}, { deadlines: { endMs: 300 } })
    const { connection } = await lab.pair()
    connection.end()
    expect(await connection.closed).toMatchObject({ reason: 'local-end', actor: 'local' })
  })

  test('a silent client is asked once, and ends when it says nothing', async () => {
    let beats = 0
    const handler: Handler = {
      heartbeat(connection) {
        beats++
        connection.write('ping')
      },
    }
    const heartbeat = { intervalMs: 400, replyMs: 300 }
    await using lab = await openLab(handler, { heartbeat })
    const { connection, client } = await lab.pair()
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'heartbeat-timeout', actor: 'policy' })
    // The first comes up to an eighth of the interval early.
    expect(completion.durationMs).toBeGreaterThanOrEqual(350 + 300)
    expect(beats).toBe(1)
    expect((await client.rest()).toString()).toBe('ping')
  })

  test('a client that answers is asked again and again, and kept', async () => {
    const beats: number[] = []
    const asked = deferred()
    const handler: Handler = {
      heartbeat(connection) {
        connection.write('ping')
        if (beats.push(Date.now()) === 4) asked.resolve()
      },
    }
    await using lab = await openLab(handler, { heartbeat: { intervalMs: 200, replyMs: 200 } })
    const { connection, client } = await lab.pair()
    client.socket.on('data', () => client.write('pong'))
    client.socket.resume()
    await asked.promise
    expect(connection.completion).toBeNull()
  })

  test('a handler whose heartbeat throws ends its own connection', async () => {
    const handler: Handler = {
      heartbeat() {
        throw new Error('no ping today')
      },
    }
    await using lab = await openLab(handler, { heartbeat: { intervalMs: 100, replyMs: 100 } })
    const { connection } = await lab.pair()
    expect(await connection.closed).toMatchObject({ reason: 'handler-error' })
  })
})
