import { expect, test } from 'vitest'
import { digest, pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'

const MIB = 1024 * 1024
const VIEW_BYTES = 200_000

/** A view into memory that other threads may write to. */
function sharedView(seed: number): Uint8Array {
  const memory = new SharedArrayBuffer(VIEW_BYTES + 24)
  const view = new Uint8Array(memory, 16, VIEW_BYTES)
  view.set(pattern(VIEW_BYTES, seed))
  return view
}

test('a view of shared memory is taken before write() returns, with nothing queued', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  const view = sharedView(1)
  connection.write(view)
  view.fill(0)
  connection.end()
  expect(digest(await client.rest())).toBe(digest(pattern(VIEW_BYTES, 1)))
  client.end()
  expect(await connection.closed).toMatchObject({
    bytesWritten: VIEW_BYTES,
    evidence: { bytesUnsent: 0 },
  })
  expect(lab.server.counters.bytesWritten).toBe(VIEW_BYTES)
})

test('and behind 20 MiB queued for a peer that does not read', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  const before = pattern(20 * MIB, 2)
  connection.write(before)
  const queued = connection.info()?.bytesQueued ?? 0
  expect(queued).toBeGreaterThan(5 * MIB)
  const view = sharedView(3)
  expect(connection.write(view)).toBe(false)
  expect(connection.info()?.bytesQueued).toBe(queued + VIEW_BYTES)
  view.fill(0)
  connection.end()
  expect(digest(await client.rest())).toBe(digest(Buffer.concat([before, pattern(VIEW_BYTES, 3)])))
  client.end()
  const bytesWritten = 20 * MIB + VIEW_BYTES
  expect(await connection.closed).toMatchObject({ bytesWritten, evidence: { bytesUnsent: 0 } })
  expect(lab.server.counters.bytesWritten).toBe(bytesWritten)
})
