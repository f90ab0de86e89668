import { expect, test } from 'vitest'
import { discard } from '../../../lib/protocols/discard.js'
import { testServer } from '../../../lib/testing/index.js'

test('reads everything and answers nothing', async () => {
  await using bench = testServer(discard)
  const client = bench.connect()
  client.send('to nowhere')
  client.end()
  await bench.settle()
  expect(client.received.length).toBe(0)
  expect(client.completion).toMatchObject({ reason: 'peer-end', bytesRead: 10, bytesWritten: 0 })
})
