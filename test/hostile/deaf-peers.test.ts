import { expect, test } from 'vitest'
import { type KeepaliveInput, KeepalivePolicy } from '../../lib/index.js'
import { type Client, connectClient } from '../support/client.js'
import { deafen } from '../support/dead-peer.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'

const EACH = 200
const HEALTHY = 50
// Long enough that all of them are deaf, and spoken to, before the first is found.
const KEEPALIVE: KeepaliveInput = { idleMs: 3_000, intervalMs: 1_000, count: 3 }
const DETECTION_MS = KeepalivePolicy.from(KEEPALIVE).detectionMs ?? Number.NaN

/** Its handshake is complete. */
async function establish(port: number, line: string): Promise<Client> {
  const client = await connectClient(port)
  client.write(line)
  await client.read(line.length)
  return client
}

function establishEach(port: number, line: string): Promise<Client[]> {
  return Promise.all(Array.from({ length: EACH }, () => establish(port, line)))
}

test('established peers that hear nothing any more, idle or with data in flight: found in the bound', async () => {
  const server = await startServer({ keepalive: KEEPALIVE })
  const healthy = await startHealthy(server.port)
  const peers = await Promise.all([
    establishEach(server.port, 'idle\n'),
    establishEach(server.port, 'later\n'),
  ])
  await Promise.all(peers.flat().map(({ socket }) => deafen(socket)))
  await server.speak()
  const reported = server.until(({ counters }) => counters.open === HEALTHY)
  const { detectedMsMost } = await healthy.servedDuring(reported)
  for (const peer of peers.flat()) {
    peer.reset()
  }
  await healthy.leave()
  const { ends } = await server.close()
  expect(ends).toEqual({
    'keepalive-timeout ETIMEDOUT': EACH,
    'send-timeout ETIMEDOUT': EACH,
    'peer-end': HEALTHY,
  })
  // Less than the promise, whose 13 % are for timers of any length: these are short.
  expect(detectedMsMost).toBeLessThanOrEqual(DETECTION_MS * 1.05 + 1_000)
}, 60_000)
