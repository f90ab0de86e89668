import { expect, test } from 'vitest'
import { Channels } from '../../../../lib/protocols/resp/channels.js'
import type { Client } from '../../../../lib/protocols/resp/session.js'

function makeClient() {
  const hooks: (() => void)[] = []
  const data = { name: '', address: null, channels: null }
  const client = { data, onCleanup: (hook: () => void) => hooks.push(hook) }
  return { client: client as unknown as Client, end: () => hooks.forEach((hook) => void hook()) }
}

test('all connections together listen to so many channels, and to more when some have left', () => {
  const channels = new Channels(3)
  const [one, two] = [makeClient(), makeClient()]
  const full = expect.objectContaining({
    bytes: Buffer.from('-ERR all connections listen to at most 3 channels\r\n'),
  })
  expect(['a', 'b'].map((name) => channels.join(one.client, name))).toEqual([null, null])
  expect(['a', 'b'].map((name) => channels.join(two.client, name))).toEqual([null, full])
  // Once is enough: it is counted once.
  expect(channels.join(two.client, 'a')).toBeNull()
  channels.leave(two.client, 'never joined')
  expect(channels.join(two.client, 'b')).toEqual(full)
  channels.leave(one.client, 'b')
  expect(channels.join(two.client, 'b')).toBeNull()
  one.end()
  one.end()
  expect(['c', 'd'].map((name) => channels.join(two.client, name))).toEqual([null, full])
})
