import { expect, test } from 'vitest'
import { connectClient } from '../support/client.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'

const CLIENTS = 100
const LINE_BYTES_MAX = 64 * 1024
const CHUNK_BYTES_MAX = 64 * 1024

/** Sends so many bytes without an end of line. Resolves when the server has ended it. */
async function sendUnended(port: number, bytes: number): Promise<void> {
  const client = await connectClient(port)
  client.write(Buffer.alloc(bytes, 'x'))
  await client.untilOver()
  client.destroy()
}

test('a megabyte without an end of line: the protocol ends it, and what is kept of it is bounded', async () => {
  const server = await startServer({})
  const healthy = await startHealthy(server.port)
  const attack = Array.from({ length: CLIENTS }, () => sendUnended(server.port, 1_000_000))
  await healthy.servedDuring(Promise.all(attack))
  await healthy.leave()
  const { ends, partialBytesMost } = await server.close()
  // The reason of destroy(), which the handler of this server calls.
  expect(ends).toEqual({ 'local-abort': CLIENTS, 'peer-end': 50 })
  expect(partialBytesMost).toBeGreaterThan(LINE_BYTES_MAX)
  expect(partialBytesMost).toBeLessThanOrEqual(CLIENTS * (LINE_BYTES_MAX + CHUNK_BYTES_MAX))
}, 60_000)

test('less than the protocol allows, and no end of line: the handshake deadline ends it', async () => {
  const server = await startServer({ deadlines: { handshakeMs: 1_000 } })
  const healthy = await startHealthy(server.port)
  const attack = Array.from({ length: CLIENTS }, () => sendUnended(server.port, LINE_BYTES_MAX))
  await healthy.servedDuring(Promise.all(attack))
  await healthy.leave()
  const { ends, partialBytesMost } = await server.close()
  expect(ends).toEqual({ 'handshake-timeout': CLIENTS, 'peer-end': 50 })
  expect(partialBytesMost).toBeLessThanOrEqual(CLIENTS * LINE_BYTES_MAX)
}, 60_000)
