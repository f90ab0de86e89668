import { expect, test } from 'vitest'
import { WELL } from '../support/process-child.js'
import { startHealthy } from './healthy.js'
import { type Report, type ServerOrder, startServer } from './server.js'
import { startPython } from './talker.js'

const DEAF = 200
const HIGH_BYTES = 128 * 1024
const MOST_BYTES = 512 * 1024
const ENDS = { 'slow-consumer': DEAF, 'peer-end': 50 }

/** Clients that ask for 64 KiB in each of so many rounds and read nothing, until all are ended. */
async function attack(options: ServerOrder, rounds: number): Promise<Report> {
  const server = await startServer(options)
  const healthy = await startHealthy(server.port)
  const clients = startPython('never_reading.py', [server.port, DEAF, rounds])
  expect(await healthy.servedDuring(clients.heard('over'))).toBe(DEAF)
  expect(await clients.ended).toMatchObject(WELL)
  await healthy.leave()
  return server.close()
}

test('clients that never read end by the size of their queue, which none exceeds', async () => {
  const { ends, queuedBytesMost } = await attack(
    { highWatermarkBytes: HIGH_BYTES, maxQueuedBytes: MOST_BYTES },
    1_000,
  )
  expect(ends).toEqual(ENDS)
  expect(queuedBytesMost).toBeGreaterThan(HIGH_BYTES)
  expect(queuedBytesMost).toBeLessThanOrEqual(MOST_BYTES)
}, 120_000)

test('clients that never read end by the time their queue has not been empty', async () => {
  const rounds = 12
  const { ends, queuedBytesMost } = await attack({ deadlines: { backlogMs: 1_000 } }, rounds)
  expect(ends).toEqual(ENDS)
  expect(queuedBytesMost).toBeGreaterThan(0)
  expect(queuedBytesMost).toBeLessThanOrEqual(rounds * 64 * 1024)
}, 120_000)
