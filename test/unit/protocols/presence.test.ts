import { expect, test } from 'vitest'
import { lines } from '../../../lib/codecs/index.js'
import { presence } from '../../../lib/protocols/presence.js'
import { everySplit, testServer } from '../../../lib/testing/index.js'

test('a device that says who it is, however its bytes come, is listed until it ends', async () => {
  await using bench = testServer(presence())
  const asking = bench.connect()
  for (const parts of everySplit('i am lamp\r\nping\n')) {
    const device = bench.connect()
    for (const part of parts) {
      device.send(part)
      await bench.settle()
    }
    expect([await device.receive(), await device.receive()]).toEqual(['you are lamp', 'pong'])
    asking.sendMessage('who')
    expect(await asking.receive()).toBe('here: lamp')
    device.end()
    await bench.settle()
    asking.sendMessage('who')
    expect(await asking.receive()).toBe('here: nobody')
    await bench.advance(1_000)
  }
})

test('a device that vanished is replaced when it comes back, and is here once', async () => {
  await using bench = testServer(presence())
  const past = bench.connect()
  past.sendMessage('i am lamp')
  expect(await past.receive()).toBe('you are lamp')
  past.vanish()
  await bench.advance(10_000)
  const device = bench.connect()
  device.sendMessage('i am lamp')
  device.sendMessage('who')
  expect(await device.receive()).toBe('you are lamp, and were (replaced)')
  expect(await device.receive()).toBe('here: lamp')
  expect(past.completion?.reason).toBe('replaced')
})

test('a day of pings that are answered, and one that is not', async () => {
  await using bench = testServer(presence({ heartbeatMs: 60_000 }))
  const device = bench.connect()
  for (let minutes = 0; minutes < 1_440; minutes++) {
    await bench.advance(60_000)
    expect(await device.receive()).toBe('ping')
    device.sendMessage('pong')
  }
  await bench.advance(120_000)
  expect(await device.receive()).toBe('ping')
  expect(device.completion).toMatchObject({
    reason: 'heartbeat-timeout',
    durationMs: 1_442 * 60_000,
  })
})

test('one that vanishes is found by its heartbeat, or by keepalive where that is sooner', async () => {
  await using bench = testServer(presence({ heartbeatMs: 1_000_000 }))
  const device = bench.connect()
  await bench.settle()
  device.vanish()
  await bench.advance(bench.server.keepalive.detectionMs as number)
  expect(device.completion?.reason).toBe('keepalive-timeout')
})

test('the 61st ping at once is one too many, and a line too long is answered', async () => {
  await using bench = testServer(presence())
  const flooding = bench.connect()
  flooding.send('ping\n'.repeat(61))
  await bench.settle()
  expect(flooding.completion?.reason).toBe('rate-limit')
  expect(await flooding.receiveText()).toBe('pong\n'.repeat(60))
  const endless = bench.connect()
  endless.send('x'.repeat(300))
  expect(await endless.receive()).toBe('a line has at most 256 bytes')
  expect(endless.completion?.reason).toBe('protocol-error')
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
