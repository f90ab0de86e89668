import { expect, test } from 'vitest'
import { type Client, connectClient } from '../support/client.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'

const DRIPPERS = 500
const HANDSHAKE_MS = 3_000
// How late a loaded machine may be with it.
const LATE_MS = 10_000

/** One byte a second, and never an end of line. Resolves when the server has ended it. */
async function drip(port: number): Promise<number> {
  const startedMs = performance.now()
  const client: Client = await connectClient(port)
  client.write('x')
  const dripping = setInterval(() => client.write('x'), 1_000)
  try {
    await client.untilOver()
    return performance.now() - startedMs
  } finally {
    clearInterval(dripping)
    client.destroy()
  }
}

test('clients that send a byte a second never complete their handshake and are ended in time', async () => {
  const server = await startServer({ deadlines: { handshakeMs: HANDSHAKE_MS } })
  const healthy = await startHealthy(server.port)
  const attack = Promise.all(Array.from({ length: DRIPPERS }, () => drip(server.port)))
  const lastedMs = await healthy.servedDuring(attack)
  expect(Math.min(...lastedMs)).toBeGreaterThanOrEqual(HANDSHAKE_MS)
  expect(Math.max(...lastedMs)).toBeLessThan(HANDSHAKE_MS + LATE_MS)
  await healthy.leave()
  const { ends, counters } = await server.close()
  expect(ends).toEqual({ 'handshake-timeout': DRIPPERS, 'peer-end': 50 })
  expect(counters.bytesRead).toBeGreaterThanOrEqual(2 * DRIPPERS)
}, 60_000)
