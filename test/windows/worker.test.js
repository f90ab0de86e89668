// The addon in a worker alone: this thread never loads it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const timeout = 15_000
const source = new URL('echo-worker.js', import.meta.url)

async function start() {
  const worker = new Worker(source)
  const [port] = await once(worker, 'message')
  const socket = net.connect(port, '127.0.0.1')
  socket.write('ping')
  const [answer] = await once(socket, 'data')
  assert.equal(String(answer), 'ping')
  return { worker, socket }
}

test('serves, closes and ends by itself', { timeout }, async () => {
  const { worker, socket } = await start()
  const ended = once(socket, 'end')
  worker.postMessage('close')
  const [code] = await once(worker, 'exit')
  assert.equal(code, 0)
  await ended
})

test('is terminated with a connection open, twice', { timeout }, async () => {
  for (let n = 0; n < 2; n++) {
    const { worker, socket } = await start()
    const gone = once(socket, 'close').catch(() => undefined)
    assert.equal(await worker.terminate(), 1)
    await gone
  }
})
