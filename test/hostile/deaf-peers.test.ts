import { expect, test } from 'vitest'
import { connectClient } from '../support/client.js'
import { deafen, quickDetectionMs, quickKeepalive } from '../support/dead-peer.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'

const EACH = 200
const HEALTHY = 50

/** Completes its handshake, does `more`, and hears nothing from then on. */
async function vanish(port: number, more: string): Promise<() => void> {
  const client = await connectClient(port)
  client.write('hello\n')
  await client.read('hello\n'.length)
  client.socket.pause()
  client.write(more)
  await deafen(client.socket)
  return () => client.reset()
}

test('established peers that hear nothing any more, idle or with data in flight: found in the bound', async () => {
  const server = await startServer({ keepalive: quickKeepalive })
  const healthy = await startHealthy(server.port)
  const idle = Array.from({ length: EACH }, () => vanish(server.port, ''))
  // More than the buffers of both ends: some of it is unacknowledged for ever.
  const asking = Array.from({ length: EACH }, () => vanish(server.port, 'get 65536\n'.repeat(100)))
  const cleanUps = await healthy.servedDuring(Promise.all([...idle, ...asking]))
  const reported = server.until(({ counters }) => counters.open === HEALTHY)
  const { detectedMsMost } = await healthy.servedDuring(reported)
  for (const cleanUp of cleanUps) {
    cleanUp()
  }
  await healthy.leave()
  const { ends } = await server.close()
  expect(ends).toEqual({
    'keepalive-timeout ETIMEDOUT': EACH,
    'send-timeout ETIMEDOUT': EACH,
    'peer-end': HEALTHY,
  })
  // The promise of the policy, and what a busy machine adds to it.
  expect(detectedMsMost).toBeLessThanOrEqual(quickDetectionMs * 1.05 + 1_000)
}, 60_000)
