import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../lib/index.js'
import { digest, pattern } from '../support/bytes.js'
import type { Client } from '../support/client.js'
import { openLab } from '../support/lab.js'
import { fdOf } from '../support/sockets.js'
import { SO_RCVBUF, SOL_SOCKET, testkit } from '../support/testkit.js'
import { turns, until } from '../support/wait.js'

const MIB = 1024 * 1024

/** Its window no longer grows with what it reads. */
function limitReceiveBuffer(client: Client): void {
  testkit.setOption(fdOf(client.socket), SOL_SOCKET, SO_RCVBUF, 32_768)
}

/** The bytes of each single read(2) of the client. */
function readSizes(client: Client): number[] {
  const sizes: number[] = []
  client.socket.on('data', (chunk) => sizes.push(chunk.length))
  return sizes
}

describe('a slow reader', () => {
  test('gets 20 MiB in order and exactly once, by a server that heeds the watermarks', async () => {
    const sent = createHash('sha256')
    let left = 20 * MIB
    let refused = 0
    const fill = (connection: Connection): void => {
      while (left > 0) {
        const piece = pattern(Math.min(left, 1 + ((left * 7_919) % 150_000)), left)
        left -= piece.length
        sent.update(piece)
        if (!connection.write(piece)) {
          refused++
          return
        }
      }
      connection.end()
    }
    await using lab = await openLab({ drain: fill })
    const { client, connection } = await lab.pair()
    limitReceiveBuffer(client)
    fill(connection)
    const received = createHash('sha256')
    let bytes = 0
    // A read, then a pause of a turn: the window closes again and again.
    client.socket.on('data', (chunk) => {
      received.update(chunk)
      bytes += chunk.length
      client.socket.pause()
      setImmediate(() => client.socket.resume())
    })
    client.socket.resume()
    await new Promise<void>((resolve) => client.socket.once('end', resolve))
    expect(bytes).toBe(20 * MIB)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
    expect(refused).toBeGreaterThan(10)
    client.end()
    expect((await connection.closed).bytesWritten).toBe(20 * MIB)
  })

  test('gets 20 MiB queued in one go, in 200 pieces, and end() waits for them', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const pieces = Array.from({ length: 200 }, (_, at) => pattern(104_858, at))
    for (const piece of pieces) {
      connection.write(piece)
    }
    connection.end()
    expect(connection.info()?.bytesQueued).toBeGreaterThan(10 * MIB)
    expect(digest(await client.rest())).toBe(digest(Buffer.concat(pieces)))
    client.end()
    const completion = await connection.closed
    expect(completion).toMatchObject({ reason: 'local-end', bytesWritten: 200 * 104_858 })
    expect(completion.evidence.bytesUnsent).toBe(0)
  })
})

test('adjacent small writes go out as one piece', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  await turns(2)
  const sizes = readSizes(client)
  client.socket.resume()
  for (let at = 0; at < 50; at++) {
    connection.write(`${at};`)
    connection.write(Buffer.from(`${at};`))
  }
  const total = Buffer.byteLength(Array.from({ length: 50 }, (_, at) => `${at};${at};`).join(''))
  await until(() => sizes.reduce((sum, size) => sum + size, 0) === total, 'all is read')
  expect(sizes).toEqual([total])
})

describe('watermarks', () => {
  interface Flow {
    drains: number
  }
  const counting = {
    open(connection: Connection<Flow>) {
      connection.data = { drains: 0 }
    },
    drain(connection: Connection<Flow>) {
      connection.data.drains++
    },
  }
  const marks = { highWatermarkBytes: 4_096, lowWatermarkBytes: 1_024 }

  test('true up to the high watermark, false above it', async () => {
    await using lab = await openLab(counting, marks)
    const { client, connection } = await lab.pair()
    expect(connection.write(Buffer.alloc(4_096))).toBe(true)
    expect(connection.write(Buffer.alloc(1))).toBe(false)
    expect(connection.write('')).toBe(false)
    await client.read(4_097)
    await until(() => connection.data.drains === 1, 'the drain')
    expect(connection.write(Buffer.alloc(4_096))).toBe(true)
    await client.read(4_096)
    await turns(3)
    expect(connection.data.drains).toBe(1)
  })

  test('one drain for a run of refused writes, and one for each further run', async () => {
    await using lab = await openLab(counting, marks)
    const { client, connection } = await lab.pair()
    limitReceiveBuffer(client)
    for (let run = 1; run <= 8; run++) {
      // By turns what the kernel takes with the next flush, and what it does not take at once.
      const size = run % 2 === 0 ? 5_000 : 6 * MIB
      expect(connection.write(Buffer.alloc(size))).toBe(false)
      expect(connection.write('more')).toBe(false)
      expect(connection.write('and more')).toBe(false)
      await client.read(size + 12)
      await until(() => connection.data.drains === run, `drain ${run}`)
      await turns(2)
      expect(connection.data.drains).toBe(run)
    }
  })

  test('no drain above the low watermark', async () => {
    await using lab = await openLab(counting, { highWatermarkBytes: MIB, lowWatermarkBytes: 0 })
    const { client, connection } = await lab.pair()
    expect(connection.write(Buffer.alloc(16 * MIB))).toBe(false)
    // The kernel takes more as the client reads; as long as anything is queued there is no drain.
    await client.read(4 * MIB)
    expect(connection.info()?.bytesQueued).toBeGreaterThan(0)
    expect(connection.data.drains).toBe(0)
    await client.read(12 * MIB)
    await until(() => connection.data.drains === 1, 'the drain')
    expect(connection.info()?.bytesQueued).toBe(0)
  })

  test('a connection that ends while a drain is due gets none', async () => {
    await using lab = await openLab(counting, marks)
    const { client, connection } = await lab.pair()
    expect(connection.write(Buffer.alloc(16 * MIB))).toBe(false)
    client.reset()
    await connection.closed
    expect(connection.data.drains).toBe(0)
  })
})

describe('a write that cannot be sent any more', () => {
  test.each(['end', 'destroy', 'reset'] as const)('after %s(): false, and counted', async (how) => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection[how]()
    expect(connection.writable).toBe(false)
    expect(connection.write('too late')).toBe(false)
    expect(connection.write(Buffer.alloc(100_000))).toBe(false)
    expect(lab.server.counters.writesAfterEnd).toBe(2)
    client.end()
    expect((await connection.closed).bytesWritten).toBe(0)
    expect(connection.write('much too late')).toBe(false)
    connection.end('too')
    expect(lab.server.counters.writesAfterEnd).toBe(4)
  })

  test('in handler.close and in a cleanup hook: false, and counted', async () => {
    const results: boolean[] = []
    await using lab = await openLab({
      close(connection) {
        results.push(connection.write('x'))
      },
    })
    const { client, connection } = await lab.pair()
    connection.onCleanup((_, ended) => results.push(ended.write('x')))
    client.end()
    await connection.closed
    expect(results).toEqual([false, false])
    expect(lab.server.counters.writesAfterEnd).toBe(2)
  })
})
