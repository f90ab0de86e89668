import { describe, expect, test } from 'vitest'
import type { Connection, Handler } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const MIB = 1024 * 1024

/** Keeps the bytes, and what was called in which order. */
function recorder(calls: string[]): Handler<Buffer[]> {
  return {
    open(connection) {
      connection.data = []
    },
    data(connection, chunk) {
      connection.data.push(chunk)
    },
    end() {
      calls.push('end')
    },
    close(_, { reason }) {
      calls.push(`close ${reason}`)
    },
  }
}

function receivedBy(connection: Connection<Buffer[]>): Buffer {
  return Buffer.concat(connection.data)
}

describe("the peer's FIN first, allowHalfOpen false", () => {
  test('handler.end, then the answer: what end() wrote still goes out', async () => {
    const calls: string[] = []
    await using lab = await openLab<Buffer[]>({
      ...recorder(calls),
      end(connection) {
        calls.push(`end, writable ${connection.writable}`)
        connection.write('the last answer')
      },
    })
    const { client, connection } = await lab.pair()
    client.end('question')
    expect((await client.rest()).toString()).toBe('the last answer')
    const completion = await connection.closed
    expect(receivedBy(connection).toString()).toBe('question')
    expect(calls).toEqual(['end, writable true', 'close peer-end'])
    expect(completion).toMatchObject({ reason: 'peer-end', bytesRead: 8, bytesWritten: 15 })
  })

  test('after handler.end nothing more is taken', async () => {
    const later: boolean[] = []
    await using lab = await openLab({
      end(connection) {
        queueMicrotask(() => later.push(connection.write('too late')))
      },
    })
    const { client, connection } = await lab.pair()
    client.end()
    await connection.closed
    expect(later).toEqual([false])
    expect((await client.rest()).length).toBe(0)
  })

  test('16 MiB still queued for a slow reader are sent before the answer', async () => {
    const calls: string[] = []
    await using lab = await openLab(recorder(calls))
    const { client, connection } = await lab.pair()
    const sent = pattern(16 * MIB, 1)
    connection.write(sent)
    client.end()
    await until(() => calls.length === 1, 'the end is reported')
    await turns(5)
    expect(calls).toEqual(['end'])
    expect(connection.state).toBe('draining')
    expect(digest(await client.rest())).toBe(digest(sent))
    expect(await connection.closed).toMatchObject({
      reason: 'peer-end',
      bytesWritten: 16 * MIB,
      evidence: { bytesUnsent: 0 },
    })
  })
})

describe("the peer's FIN first, allowHalfOpen true", () => {
  test('the connection stays, and sends until end() is called', async () => {
    const calls: string[] = []
    await using lab = await openLab(recorder(calls), { allowHalfOpen: true })
    const { client, connection } = await lab.pair()
    client.end('question')
    await until(() => calls.length === 1, 'the end is reported')
    await turns(5)
    expect(calls).toEqual(['end'])
    expect(connection.state).toBe('open')
    const answer = pattern(16 * MIB, 2)
    for (let at = 0; at < answer.length; at += MIB) {
      connection.write(answer.subarray(at, at + MIB))
      await turns()
    }
    connection.end('.')
    const received = await client.rest()
    expect(digest(received.subarray(0, -1))).toBe(digest(answer))
    const completion = await connection.closed
    // To answer a FIN is not to end a connection: the peer did.
    expect(completion).toMatchObject({ reason: 'peer-end', bytesRead: 8 })
    expect(completion.bytesWritten).toBe(answer.length + 1)
    expect(calls).toEqual(['end', 'close peer-end'])
  })

  test('destroy() instead of an answer is local-abort', async () => {
    await using lab = await openLab(
      {
        end(connection) {
          connection.destroy()
        },
      },
      { allowHalfOpen: true },
    )
    const { client, connection } = await lab.pair()
    client.end()
    expect((await connection.closed).reason).toBe('local-abort')
  })
})

describe.each([false, true])("the server's FIN first, allowHalfOpen %s", (allowHalfOpen) => {
  test('it goes on receiving until the peer ends', async () => {
    const calls: string[] = []
    await using lab = await openLab(recorder(calls), { allowHalfOpen })
    const { client, connection } = await lab.pair()
    connection.end('that was all from me')
    expect((await client.rest()).toString()).toBe('that was all from me')
    const sent = pattern(4 * MIB, 3)
    client.write(sent.subarray(0, MIB))
    await until(() => receivedBy(connection).length === MIB, 'the first of it')
    expect(connection.state).toBe('draining')
    expect(connection.writable).toBe(false)
    client.end(sent.subarray(MIB))
    const completion = await connection.closed
    expect(digest(receivedBy(connection))).toBe(digest(sent))
    expect(completion).toMatchObject({ reason: 'local-end', bytesRead: 4 * MIB, bytesWritten: 20 })
    expect(calls.at(-1)).toBe('close local-end')
  })

  test('end() twice is one FIN and one reason', async () => {
    await using lab = await openLab({}, { allowHalfOpen })
    const { client, connection } = await lab.pair()
    connection.end('once')
    connection.end('twice')
    expect((await client.rest()).toString()).toBe('once')
    client.end()
    expect((await connection.closed).reason).toBe('local-end')
    expect(lab.server.counters.writesAfterEnd).toBe(1)
  })

  test('pause and resume still hold while draining', async () => {
    await using lab = await openLab(recorder([]), { allowHalfOpen })
    const { client, connection } = await lab.pair()
    connection.end()
    connection.pause()
    await client.rest()
    client.end('behind a pause')
    await turns(5)
    expect(receivedBy(connection).length).toBe(0)
    connection.resume()
    await connection.closed
    expect(receivedBy(connection).toString()).toBe('behind a pause')
  })

  test('both FINs cross, with bytes on both sides: each side gets all', async () => {
    await using lab = await openLab(recorder([]), { allowHalfOpen })
    const { client, connection } = await lab.pair()
    const [there, back] = [pattern(3 * MIB, 4), pattern(3 * MIB, 5)]
    connection.end(back)
    client.end(there)
    expect(digest(await client.rest())).toBe(digest(back))
    expect((await connection.closed).reason).toBe('local-end')
    expect(digest(receivedBy(connection))).toBe(digest(there))
  })
})
