import { expect, test } from 'vitest'
import { lines } from '../../../lib/codecs/index.js'
import { presence } from '../../../lib/protocols/presence.js'
import { everySplit, testServer } from '../../../lib/testing/index.js'

test('a device says its name, however its bytes arrive', async () => {
  for (const parts of everySplit('i am lamp\r\nwho\n')) {
    await using bench = testServer(presence())
    const lamp = bench.connect()
    for (const part of parts) {
      lamp.send(part)
      await bench.settle()
    }
    expect(lamp.received.toString()).toBe('you are lamp\nhere: lamp\n')
  }
})

test('a device that vanished and comes back replaces its own past', async () => {
  await using bench = testServer(presence())
  const past = bench.connect()
  past.sendMessage('i am lamp')
  await bench.settle()
  past.vanish()
  const lamp = bench.connect()
  lamp.sendMessage('i am lamp')
  expect(await lamp.receive()).toBe('you are lamp, and were (replaced)')
  expect(past.completion).toMatchObject({ reason: 'replaced' })
  lamp.sendMessage('who')
  expect(await lamp.receive()).toBe('here: lamp')
})

test('a device that does not answer is gone after its heartbeat, one that answers stays', async () => {
  await using bench = testServer(presence({ heartbeatMs: 10_000 }))
  const [stuck, lamp] = [bench.connect(), bench.connect()]
  stuck.sendMessage('i am stuck')
  lamp.sendMessage('i am lamp')
  expect([await stuck.receive(), await lamp.receive()]).toEqual(['you are stuck', 'you are lamp'])
  await bench.advance(10_000)
  expect(await lamp.receive()).toBe('ping')
  lamp.sendMessage('pong')
  await bench.advance(10_000)
  expect(await stuck.receive()).toBe('ping')
  expect(stuck.completion).toMatchObject({ reason: 'heartbeat-timeout' })
  expect(lamp.completion).toBeNull()
  expect(await lamp.receive()).toBe('ping')
  lamp.sendMessage('who')
  expect(await lamp.receive()).toBe('here: lamp')
})

test('a thousand names are listed, and the others counted', async () => {
  await using bench = testServer(presence(), { codec: lines() })
  const longest = (i: number) => String(i).padStart(64, 'd')
  for (let i = 0; i < 1_002; i++) {
    const device = bench.connect()
    device.sendMessage(`i am ${longest(i)}`)
    expect(await device.receive()).toBe(`you are ${longest(i)}`)
  }
  const visitor = bench.connect()
  visitor.sendMessage('who')
  const heard = String(await visitor.receive()).split(' ')
  expect(heard.slice(0, 3)).toEqual(['here:', longest(0), longest(1)])
  expect(heard.slice(-4)).toEqual([longest(999), 'and', '2', 'more'])
})

test.each([
  [{ heartbeat: 1 }, 'presence has no option "heartbeat"'],
  [{ heartbeatMs: 0 }, 'heartbeat.intervalMs'],
  [{ heartbeatMs: '1s' }, 'heartbeat.intervalMs'],
])('%j is refused', (options, words) => {
  expect(() => testServer(presence(options as never))).toThrow(words)
})
