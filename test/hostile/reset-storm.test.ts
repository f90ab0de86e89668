import { expect, test } from 'vitest'
import { WELL } from '../support/process-child.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'
import { startPython } from './talker.js'

const RESETS = 50_000
const HEALTHY = 50

test('50,000 clients that connect and reset: each is counted and ended once, nothing is left of them', async () => {
  const server = await startServer({})
  const healthy = await startHealthy(server.port)
  const storm = startPython('reset_storm.py', [server.port, RESETS, '--tolls'])
  const over = storm.heard<{ resets: number; tolls: number }>('over')
  const { resets, tolls } = await healthy.servedDuring(over)
  expect(await storm.ended).toMatchObject(WELL)
  await healthy.leave()
  // It compares the descriptors with those of the beginning.
  const { counters, ends } = await server.close()
  expect(resets).toBe(RESETS)
  expect(counters.arrived).toBe(RESETS + tolls + HEALTHY)
  expect(counters.accepted).toBe(counters.arrived)
  expect(ends).toEqual({ 'peer-reset ECONNRESET': RESETS, 'peer-end': tolls + HEALTHY })
}, 120_000)

test('the same with a limit a second: every refusal is counted too', async () => {
  const limits = { acceptsPerSecond: 100, whenFull: 'reset' } as const
  const server = await startServer({ limits })
  const healthy = await startHealthy(server.port)
  const storm = startPython('reset_storm.py', [server.port, 10_000])
  await healthy.servedDuring(storm.heard('over'))
  expect(await storm.ended).toMatchObject(WELL)
  await healthy.leave()
  const { counters, told } = await server.close()
  expect(counters.refused.rate).toBeGreaterThan(0)
  expect(told.refused).toBe(counters.refused.rate)
  expect(counters.closed['peer-reset']).toBe(counters.arrived - counters.refused.rate - HEALTHY)
}, 120_000)
