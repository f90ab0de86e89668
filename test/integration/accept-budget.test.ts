import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { echo } from '../../lib/index.js'
import { plainEnvironment } from '../support/child-client.js'
import { type Lab, openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

const ARRIVALS = 3_000

// Opens all connections without waiting for any, and stays until it is killed.
const STORM = `
  const [port, arrivals] = process.argv.slice(1).map(Number)
  for (let at = 0; at < arrivals; at++) {
    require('node:net').connect({ port, host: '127.0.0.1' }).on('error', () => {})
  }
`

/** Arrivals accepted between each two answers of a ping-pong, while 3,000 clients arrive. */
async function acceptedBetweenPongs(lab: Lab): Promise<number[]> {
  const { client, connection } = await lab.pair()
  const accepted: number[] = []
  const storm = spawn(process.execPath, ['-e', STORM, String(lab.port), String(ARRIVALS)], {
    stdio: 'inherit',
    env: plainEnvironment(),
  })
  let before = lab.server.counters.accepted
  while (before < 1 + ARRIVALS) {
    client.write('ping')
    await client.read(4)
    const now = lab.server.counters.accepted
    accepted.push(now - before)
    before = now
  }
  storm.kill('SIGKILL')
  await once(storm, 'exit')
  await until(() => lab.server.counters.open === 1, 'the storm is over')
  expect(connection.state).toBe('open')
  return accepted
}

test('a small budget: 3,000 arrivals wait their turn while a ping-pong is answered', async () => {
  const acceptBudget = 4
  await using lab = await openLab(echo, { acceptBudget, backlog: 4096 })
  const accepted = await acceptedBetweenPongs(lab)
  // A round trip through this one loop takes two or three turns.
  expect(Math.max(...accepted)).toBeLessThanOrEqual(4 * acceptBudget)
  expect(lab.server.counters).toMatchObject({ arrived: 1 + ARRIVALS, accepted: 1 + ARRIVALS })
})
