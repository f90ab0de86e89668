import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openLab } from '../support/lab.js'

test('the signal is aborted before handler.close, with the completion as its reason', async () => {
  const seen: unknown[] = []
  await using lab = await openLab({
    close(connection, completion) {
      seen.push(connection.signal.aborted, connection.signal.reason === completion)
    },
  })
  const { client, connection } = await lab.pair()
  const { signal } = connection
  expect(connection.signal).toBe(signal)
  expect(signal.aborted).toBe(false)
  client.reset()
  expect(signal.reason).toBe(undefined)
  const completion = await connection.closed
  expect(seen).toEqual([true, true])
  expect(signal.reason).toBe(completion)
})

test('first asked for after the end, both are there at once', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  const over = new Promise<void>((resolve) => lab.server.onDisconnect(() => resolve()))
  client.end()
  await over
  expect(connection.signal.aborted).toBe(true)
  expect(connection.signal.reason).toBe(connection.completion)
  expect(await connection.closed).toBe(connection.completion)
})

test('closed waits for the last hook', async () => {
  await using lab = await openLab()
  const { client, connection } = await lab.pair()
  let hookDone = false
  connection.onCleanup(async () => {
    await delay(20)
    hookDone = true
  })
  client.end()
  await connection.closed
  expect(hookDone).toBe(true)
})
