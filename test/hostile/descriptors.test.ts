import { expect, test } from 'vitest'
import { WELL } from '../support/process-child.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'
import { startPython } from './talker.js'

const DESCRIPTORS = 5_200
const HEALTHY = 5_000
const ROUNDS = 4
// Between two answers of one client, on a loaded machine; each asks every half second.
const SLOWEST_MS_MAX = 10_000

interface Held {
  held: number
  refused: number
}

test('attackers take the last descriptor: 5,000 are served on, the others refused and counted, until they leave', async () => {
  const server = await startServer({}, { descriptorsMax: DESCRIPTORS })
  const healthy = await startHealthy(server.port, { clients: HEALTHY, pauseMs: 500 })
  const attackers = startPython('hold.py', [server.port])
  // From the first refusal on the siege lasts until it is lifted.
  await attackers.order<Held>('siege')
  let slowestMs = 0
  for (let round = 0; round < ROUNDS; round++) {
    slowestMs = (await healthy.served()).slowestMs
  }
  const { held, refused } = await attackers.order<Held>('lift')
  expect(slowestMs).toBeLessThan(SLOWEST_MS_MAX)
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThan(DESCRIPTORS - HEALTHY)
  const { counters } = await server.until((report) => report.counters.refused.emfile >= refused)
  expect(counters.refused.emfile).toBe(refused)
  expect(counters.open).toBe(HEALTHY + held)

  await attackers.order('leave')
  expect(await attackers.ended).toMatchObject(WELL)
  await server.until(({ counters: { open } }) => open === HEALTHY)
  const later = await startHealthy(server.port)
  await later.served()
  await healthy.served()
  await later.leave()
  await healthy.leave()
  const report = await server.close()
  expect(report.ends).toEqual({ 'peer-end': HEALTHY + held + 50 })
  expect(report.counters.refused.emfile).toBe(refused)
}, 120_000)
