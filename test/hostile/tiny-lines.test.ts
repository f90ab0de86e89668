import { expect, test } from 'vitest'
import { connectClient } from '../support/client.js'
import { startHealthy } from './healthy.js'
import { startServer } from './server.js'

const MEMBERS = 150
const LINES = 20_000

test('tiny lines to a whole room: each member gets them all, by few broadcasts', async () => {
  const server = await startServer({})
  const healthy = await startHealthy(server.port)
  const members = await Promise.all(
    Array.from({ length: MEMBERS }, () => connectClient(server.port)),
  )
  for (const member of members) {
    member.write('join\n')
    expect(String(await member.read(5))).toBe('join\n')
  }
  const attacker = await connectClient(server.port)
  const text = 'hi\n'.repeat(LINES)
  attacker.write('say hi\n'.repeat(LINES))
  const heard = Promise.all(members.map((member) => member.read(text.length)))
  for (const bytes of await healthy.servedDuring(heard)) {
    expect(bytes.equals(Buffer.from(text))).toBe(true)
  }
  for (const client of [...members, attacker]) {
    client.end()
    await client.untilOver()
  }
  await healthy.leave()
  const { ends, broadcasts } = await server.close()
  expect(ends).toEqual({ 'peer-end': MEMBERS + 1 + 50 })
  expect(broadcasts).toBeGreaterThan(0)
  // One for each turn that had a piece of them, of some kilobytes at least, and not one for each line.
  expect(broadcasts).toBeLessThan(LINES / 100)
}, 60_000)
