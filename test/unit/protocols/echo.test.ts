import { expect, test } from 'vitest'
import { echo } from '../../../lib/protocols/echo.js'
import { everySplit, testServer } from '../../../lib/testing/index.js'

const watermarks = { highWatermarkBytes: 10, lowWatermarkBytes: 4, maxQueuedBytes: 100 }

test('sends back what it receives, however it is cut', async () => {
  await using bench = testServer(echo)
  for (const parts of everySplit('one two')) {
    const client = bench.connect()
    client.send(...parts)
    expect((await client.receiveBytes(7)).toString()).toBe('one two')
  }
})

test('stops reading while the client does not read, and loses nothing', async () => {
  await using bench = testServer(echo, watermarks)
  const client = bench.connect()
  client.stopReading()
  client.send('0123456789ab')
  await bench.settle()
  client.send('cdef')
  await bench.settle()
  expect(bench.server.counters.bytesRead).toBe(12)
  client.resumeReading()
  await bench.settle()
  expect(bench.server.counters.bytesRead).toBe(16)
  expect(client.received.toString()).toBe('0123456789abcdef')
})

test('answers everything before it ends', async () => {
  await using bench = testServer(echo)
  const client = bench.connect()
  client.send('last words')
  client.end()
  expect(await client.closed).toBe('end')
  await bench.settle()
  expect(client.received.toString()).toBe('last words')
  expect(client.completion).toMatchObject({
    ...{ reason: 'peer-end', bytesRead: 10, bytesWritten: 10 },
  })
})

test('what arrives after shutdown began does not stop the reading', async () => {
  await using bench = testServer(echo, watermarks)
  const client = bench.connect({ allowHalfOpen: true })
  await bench.settle()
  const closing = bench.server.close()
  await bench.settle()
  client.send('0123456789ab')
  client.send('x')
  await bench.settle()
  expect(bench.server.counters.bytesRead).toBe(13)
  client.end()
  await bench.until(closing)
  expect(client.completion?.reason).toBe('shutdown')
})
