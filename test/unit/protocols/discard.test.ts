import { expect, test } from 'vitest'
import { discard } from '../../../lib/protocols/discard.js'
import { fakeServer } from '../../support/fake-server.js'

test('reads everything and answers nothing', async () => {
  const { native, server } = fakeServer(discard)
  const peer = native.connect()
  peer.send('x'.repeat(1_000))
  await native.settle()
  expect(peer.text).toBe('')
  expect(server.counters).toMatchObject({ bytesRead: 1_000, bytesWritten: 0 })
})
