import { expect, test } from 'vitest'
import { chatRoom } from '../../../lib/protocols/lines.js'
import { everySplit, testServer } from '../../../lib/testing/index.js'

test('a conversation, however its bytes arrive', async () => {
  for (const parts of everySplit('Bob\r\nhi \u{1F44B}\n')) {
    await using bench = testServer(chatRoom())
    const [ada, bob] = [bench.connect(), bench.connect()]
    bob.ignoreRest()
    ada.sendMessage('Ada')
    await bench.settle()
    for (const part of parts) {
      bob.send(part)
      await bench.settle()
    }
    bob.reset()
    await bench.settle()
    expect(ada.received.toString().split('\n')).toEqual([
      ...['your name?', '* Ada joined, 1 here', '* Bob joined, 2 here', 'Bob: hi \u{1F44B}'],
      ...['* Bob left (peer-reset), 1 here', ''],
    ])
  }
})

test('who vanishes is missed after the bound of the keepalive policy', async () => {
  await using bench = testServer(chatRoom())
  const [ada, bob] = [bench.connect(), bench.connect()]
  bob.ignoreRest()
  ada.sendMessage('Ada')
  bob.sendMessage('Bob')
  await bench.settle()
  bob.vanish()
  await bench.advance(39_000)
  expect(bob.completion).toBeNull()
  await bench.advance(3_000)
  expect(bob.completion).toMatchObject({ reason: 'keepalive-timeout' })
  expect(ada.received.toString()).toMatch(/\* Bob left \(keepalive-timeout\), 1 here\n$/)
})

test('who says no name within a minute makes room', async () => {
  await using bench = testServer(chatRoom())
  const [ada, silent] = [bench.connect(), bench.connect()]
  ada.sendMessage('Ada')
  await bench.advance(60_000)
  expect(silent.completion).toMatchObject({ reason: 'handshake-timeout' })
  expect(ada.completion).toBeNull()
  expect(await silent.receiveText()).toBe('your name?\n')
  expect(await ada.receiveText()).toBe('your name?\n* Ada joined, 1 here\n')
})

test('who does not read is a megabyte behind at most', async () => {
  await using bench = testServer(chatRoom())
  const [ada, deaf] = [bench.connect(), bench.connect()]
  ada.sendMessage('Ada')
  deaf.sendMessage('Deaf')
  await bench.settle()
  deaf.stopReading()
  deaf.ignoreRest()
  for (let seconds = 0; seconds < 120 && deaf.completion === null; seconds++) {
    ada.send(`${'x'.repeat(2_000)}\n`.repeat(8))
    await bench.advance(1_000)
  }
  expect(deaf.completion).toMatchObject({ reason: 'slow-consumer' })
  expect(ada.received.toString()).toContain('* Deaf left (slow-consumer), 1 here')
})
