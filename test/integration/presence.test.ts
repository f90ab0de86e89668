import { expect, test } from 'vitest'
import { type PresenceOptions, presence } from '../../lib/index.js'
import type { Client } from '../support/client.js'
import { type LabOptions, openLab } from '../support/lab.js'

async function openRegistry(options: PresenceOptions = {}) {
  const registry = presence(options)
  return openLab(registry as never, registry.options as LabOptions)
}

/** Sends this and hears exactly that. */
async function say(client: Client, text: string, answer: string): Promise<void> {
  client.write(text)
  expect((await client.read(answer.length)).toString()).toBe(answer)
}

test('lists the devices that are online, until their connection ends', async () => {
  await using lab = await openRegistry()
  const [visitor, lamp, door] = [await lab.client(), await lab.client(), await lab.client()]
  await say(visitor, 'who\n', 'here: nobody\n')
  await say(lamp, 'i am lamp\r\n', 'you are lamp\n')
  await say(door, 'i am door\nwho\n', 'you are door\nhere: lamp door\n')
  door.end()
  await door.rest()
  await say(visitor, 'who\n', 'here: lamp\n')
  lamp.reset()
  await expect.poll(() => lab.completions.length).toBe(2)
  await say(visitor, 'who\n', 'here: nobody\n')
})

test('a device that comes back replaces its own past, whose hooks have run before it is read', async () => {
  await using lab = await openRegistry()
  const [past, lamp] = [await lab.client(), await lab.client()]
  await say(past, 'i am lamp\n', 'you are lamp\n')
  const order: string[] = []
  lab.server.onCleanup(({ reason }) => {
    order.push(reason)
  })
  await say(lamp, 'i am lamp\nwho\n', 'you are lamp, and were (replaced)\nhere: lamp\n')
  expect(order).toEqual(['replaced'])
  expect(String(await past.untilOver())).toBe('')
  await expect.poll(() => lab.completions).toMatchObject([{ reason: 'replaced' }])
  await say(lamp, 'who\n', 'here: lamp\n')
})

test.each([
  ['nonsense', 'sing\n'],
  ['no name', 'i am \n'],
  ['a name of two words', 'i am the lamp\n'],
  ['a long name', `i am ${'x'.repeat(65)}\n`],
  ['a second name', 'i am lamp\ni am door\n'],
])('%s is answered with what may be said', async (_name, sent) => {
  await using lab = await openRegistry()
  const client = await lab.client()
  client.end(sent)
  expect(String(await client.rest())).toMatch(/^(you are lamp\n)?say once: i am NAME, or: who, /)
})

test('a line without end is refused', async () => {
  await using lab = await openRegistry()
  const client = await lab.client()
  client.write('x'.repeat(300))
  expect(String(await client.untilOver())).toBe('a line has at most 256 bytes\n')
  await expect.poll(() => lab.completions).toMatchObject([{ reason: 'protocol-error' }])
})

test('a deaf device is gone after its heartbeat; one that answers stays', async () => {
  await using lab = await openRegistry({ heartbeatMs: 400 })
  const [stuck, lamp] = [await lab.client(), await lab.client()]
  await say(stuck, 'i am stuck\n', 'you are stuck\n')
  await say(lamp, 'i am lamp\n', 'you are lamp\n')
  let pings = 0
  lamp.socket.on('data', (text) => {
    if (String(text).includes('ping')) {
      pings++
      lamp.write('pong\n')
    }
  })
  expect(String(await stuck.untilOver())).toBe('ping\n')
  await expect.poll(() => lab.completions).toMatchObject([{ reason: 'heartbeat-timeout' }])
  await expect.poll(() => pings).toBeGreaterThan(2)
  const visitor = await lab.client()
  await say(visitor, 'who\n', 'here: lamp\n')
})

test('a client may ping as often as once a second on average, and no more', async () => {
  await using lab = await openRegistry()
  const client = await lab.client()
  await say(client, 'ping\n', 'pong\n')
  client.write('ping\n'.repeat(200))
  await client.untilOver()
  await expect.poll(() => lab.completions).toMatchObject([{ reason: 'rate-limit' }])
})
