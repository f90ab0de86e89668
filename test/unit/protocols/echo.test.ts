import { expect, test } from 'vitest'
import { echo } from '../../../lib/protocols/echo.js'
import { fakeServer } from '../../support/fake-server.js'

const watermarks = { highWatermarkBytes: 10, lowWatermarkBytes: 4, maxQueuedBytes: 100 }

test('sends back what it receives', async () => {
  const { native } = fakeServer(echo)
  const peer = native.connect()
  peer.send('one ')
  peer.send('two')
  await native.settle()
  expect(peer.text).toBe('one two')
})

test('stops reading while the peer does not read, and loses nothing', async () => {
  const { native } = fakeServer(echo, watermarks)
  const peer = native.connect()
  await native.turn()
  peer.room = 0
  peer.send('0123456789ab')
  await native.settle()
  expect(peer.paused).toBe(true)
  peer.send('cdef')
  peer.take(9)
  await native.settle()
  expect(peer.paused).toBe(false)
  peer.take(100)
  await native.settle()
  expect(peer.text).toBe('0123456789abcdef')
})

test('answers everything before it ends', async () => {
  const { native, completions } = fakeServer(echo)
  const peer = native.connect()
  peer.send('last words')
  peer.end()
  await native.settle()
  expect(peer.text).toBe('last words')
  expect(completions).toMatchObject([{ reason: 'peer-end', bytesRead: 10, bytesWritten: 10 }])
})

test('what arrives after shutdown began does not stop the reading', async () => {
  const { native, server, completions } = fakeServer(echo, watermarks)
  const peer = native.connect()
  await native.turn()
  const closing = server.close()
  await native.settle()
  peer.send('x')
  await native.settle()
  expect(peer.paused).toBe(false)
  peer.end()
  await native.settle()
  await closing
  expect(completions).toMatchObject([{ reason: 'shutdown' }])
})
