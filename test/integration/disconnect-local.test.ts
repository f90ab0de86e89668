import { describe, expect, test } from 'vitest'
import type { Connection, Handler } from '../../lib/index.js'
import { openLab } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const LOCAL = { actor: 'local', code: null, errno: 0 }

describe('code of the server ends a connection', () => {
  test('end(): local-end, after the peer has answered the FIN', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.end('bye')
    expect(connection.state).toBe('draining')
    expect((await client.rest()).toString()).toBe('bye')
    expect(connection.completion).toBe(null)
    client.end()
    const completion = await connection.closed
    expect(completion).toMatchObject({ ...LOCAL, reason: 'local-end', bytesWritten: 3 })
    expect(connection.state).toBe('closed')
  })

  test('destroy(): local-abort at once; the peer reads an end', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.destroy()
    expect(connection.state).toBe('draining')
    const completion = await connection.closed
    expect(completion).toMatchObject({ ...LOCAL, reason: 'local-abort', bytesWritten: 0 })
    expect((await client.rest()).length).toBe(0)
  })

  test('destroy() drops what is queued and says how much', async () => {
    await using lab = await openLab()
    const { connection } = await lab.pair()
    connection.write(Buffer.alloc(16_000_000))
    connection.destroy()
    const { reason, bytesWritten, evidence } = await connection.closed
    expect(reason).toBe('local-abort')
    expect(evidence.bytesUnsent).toBeGreaterThan(0)
    expect(bytesWritten + evidence.bytesUnsent).toBe(16_000_000)
  })

  test('reset(): local-abort; the peer reads ECONNRESET', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.reset()
    expect(await connection.closed).toMatchObject({ ...LOCAL, reason: 'local-abort' })
    await expect(client.rest()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('destroy() after end() does not wait for the peer', async () => {
    await using lab = await openLab()
    const { connection } = await lab.pair()
    connection.end()
    await until(() => connection.info()?.tcp?.state === 'fin-wait-2', 'the FIN is acknowledged')
    connection.destroy()
    expect(await connection.closed).toMatchObject({ ...LOCAL, reason: 'local-abort' })
  })

  test('server.close(): shutdown', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const closing = lab.server.close()
    expect((await client.rest()).length).toBe(0)
    client.end()
    expect(await connection.closed).toMatchObject({ ...LOCAL, reason: 'shutdown' })
    expect((await closing).closed.shutdown).toBe(1)
  })

  test('more queued than maxQueuedBytes: slow-consumer', async () => {
    await using lab = await openLab({}, { maxQueuedBytes: 1_000_000 })
    const { connection } = await lab.pair()
    let writes = 0
    while (connection.writable) {
      connection.write(Buffer.alloc(50_000))
      writes++
      await turns()
    }
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'slow-consumer', actor: 'policy', code: null })
    const { bytesWritten, evidence } = completion
    // The write that would have gone over the limit was not taken.
    expect(bytesWritten + evidence.bytesUnsent).toBe((writes - 1) * 50_000)
    expect(evidence.bytesUnsent).toBeLessThanOrEqual(1_000_000)
    expect(evidence.bytesUnsent).toBeGreaterThan(500_000)
  })

  test('one write larger than maxQueuedBytes alone: slow-consumer, nothing sent', async () => {
    await using lab = await openLab({}, { maxQueuedBytes: 100_000 })
    const { client, connection } = await lab.pair()
    expect(connection.write(Buffer.alloc(100_001))).toBe(false)
    expect(connection.writable).toBe(false)
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'slow-consumer', bytesWritten: 0 })
    expect((await client.untilOver()).length).toBe(0)
  })
})

describe('a handler that fails ends its own connection with handler-error', () => {
  const boom = new Error('boom')
  const failing: [name: string, handler: Handler, provoke: (connection: Connection) => void][] = [
    ['open', { open: thrower }, () => {}],
    ['data', { data: thrower }, () => {}],
    ['end', { end: thrower }, () => {}],
    ['drain', { drain: thrower }, fillQueue],
    ['open, asynchronously', { open: rejecter }, () => {}],
    ['data, asynchronously', { data: rejecter }, () => {}],
    ['drain, asynchronously', { drain: rejecter }, fillQueue],
  ]
  // More than the kernel takes at once, so that a drain follows.
  function fillQueue(connection: Connection): void {
    expect(connection.write(Buffer.alloc(16_000_000))).toBe(false)
  }
  function thrower(): void {
    throw boom
  }
  async function rejecter(): Promise<void> {
    await turns()
    throw boom
  }

  test.each(failing)('%s', async (_, handler, provoke) => {
    await using lab = await openLab(handler)
    const { client, connection } = await lab.pair()
    provoke(connection)
    client.write('x')
    if (handler.end !== undefined) {
      client.end()
    }
    void client.untilOver()
    const completion = await connection.closed
    expect(completion).toMatchObject({ ...LOCAL, reason: 'handler-error', error: boom })
  })

  test('end, asynchronously: the FIN is answered first, so the peer had ended it', async () => {
    await using lab = await openLab({ end: rejecter })
    const reported: unknown[] = []
    lab.server.onError((error) => reported.push(error))
    const { client, connection } = await lab.pair()
    client.end()
    const completion = await connection.closed
    expect(completion.reason).toBe('peer-end')
    // In the completion if that was still to come, else by onError: once, and not swallowed.
    const seen = () => ('error' in completion ? [...reported, completion.error] : reported)
    await until(() => seen().length === 1, 'the rejection is reported')
    expect(seen()).toEqual([boom])
  })

  test('undefined can be thrown too', async () => {
    await using lab = await openLab({
      data() {
        throw undefined
      },
    })
    const { client, connection } = await lab.pair()
    client.write('x')
    const completion = await connection.closed
    expect(completion.reason).toBe('handler-error')
    expect('error' in completion).toBe(true)
  })

  test('a handler may end and throw in one call: the failure is what is reported', async () => {
    await using lab = await openLab({
      data(connection) {
        connection.end('bye')
        throw boom
      },
    })
    const { client, connection } = await lab.pair()
    client.write('x')
    expect(await connection.closed).toMatchObject({ reason: 'handler-error', error: boom })
    expect((await client.untilOver()).toString()).toBe('bye')
  })
})
