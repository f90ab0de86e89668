import { expect, test } from 'vitest'
import { openLab } from '../support/lab.js'

// Which deadlines run on while something else keeps a connection from doing what they ask for.

test('a handshake deadline runs on while the client is throttled, and while it is paused', async () => {
  const options = { limits: { readBytesPerSecond: 100 }, deadlines: { handshakeMs: 300 } }
  await using lab = await openLab({}, options)
  const [fast, paused] = await lab.pairs(2)
  if (fast === undefined || paused === undefined) throw new Error('two pairs')
  paused.connection.pause()
  fast.client.write(new Uint8Array(10_000))
  for (const { connection } of [fast, paused]) {
    expect(await connection.closed).toMatchObject({ reason: 'handshake-timeout' })
  }
  expect(lab.server.counters.throttled).toBeGreaterThan(0)
})

test('a client that has not completed its handshake ends before its turn in a drain, without goodbye', async () => {
  await using lab = await openLab({}, { deadlines: { handshakeMs: 300 } })
  const pairs = await lab.pairs(3)
  pairs[0]?.connection.ready()
  const closed = lab.server.close({ perSecond: 1, message: 'bye', deadlineMs: 15_000 })
  const heard = await Promise.all(
    pairs.map(async ({ client }) => {
      const text = String(await client.rest())
      client.end()
      return text
    }),
  )
  const counters = await closed
  // Whose turn comes first depends on its slot; a second turn would come a second later.
  expect(heard.filter((text) => text === '').length).toBeGreaterThanOrEqual(1)
  const { shutdown, 'handshake-timeout': unready } = counters.closed
  expect([shutdown + unready, unready]).toEqual([3, heard.filter((text) => text === '').length])
})

test('what is written to a connection just before another one replaces it still arrives', async () => {
  await using lab = await openLab()
  const [past, now] = await lab.pairs(2)
  if (past === undefined || now === undefined) throw new Error('two pairs')
  await lab.server.identify(past.connection, 'ada')
  lab.server.identified('ada')?.write('you came back elsewhere\n')
  expect(await lab.server.identify(now.connection, 'ada')).toMatchObject({ reason: 'replaced' })
  expect(String(await past.client.rest())).toBe('you came back elsewhere\n')
})
