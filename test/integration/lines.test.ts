import { expect, test } from 'vitest'
import { chatRoom } from '../../lib/index.js'
import type { Client } from '../support/client.js'
import { type LabOptions, openLab } from '../support/lab.js'

async function openRoom(options: LabOptions = {}) {
  const room = chatRoom()
  const lab = await openLab(room as never, { ...(room.options as LabOptions), ...options })
  return {
    lab,
    async guest(): Promise<Client> {
      const client = await lab.client()
      await hear(client, 'your name?\n')
      return client
    },
  }
}

/** Exactly this comes next. */
async function hear(client: Client, text: string): Promise<void> {
  expect((await client.read(Buffer.byteLength(text))).toString()).toBe(text)
}

test('everybody hears who comes, what is said, and why somebody left', async () => {
  const { lab, guest } = await openRoom()
  await using _ = lab
  const ada = await guest()
  ada.write('Ada\r\n')
  await hear(ada, '* Ada joined, 1 here\n')
  const bob = await guest()
  bob.write('Bo')
  bob.write('b\nhello, ')
  for (const client of [ada, bob]) await hear(client, '* Bob joined, 2 here\n')
  bob.write('Ada \u{1F44B}\n')
  for (const client of [ada, bob]) await hear(client, 'Bob: hello, Ada \u{1F44B}\n')
  bob.reset()
  await hear(ada, '* Bob left (peer-reset), 1 here\n')
})

test('who has no name yet hears nothing, and leaves unheard', async () => {
  const { lab, guest } = await openRoom()
  await using _ = lab
  const [ada, stranger] = [await guest(), await guest()]
  ada.write('Ada\none\n')
  await hear(ada, '* Ada joined, 1 here\nAda: one\n')
  stranger.end()
  expect(String(await stranger.rest())).toBe('')
  ada.write('two\n')
  await hear(ada, 'Ada: two\n')
})

test('a name is cut and cleaned, and made where there is none', async () => {
  const { lab, guest } = await openRoom()
  await using _ = lab
  const [long, empty] = [await guest(), await guest()]
  long.write(`\x1b[2J${'x'.repeat(40)}\n\x07ring\n\n`)
  await hear(long, `* [2J${'x'.repeat(29)} joined, 1 here\n[2J${'x'.repeat(29)}: ring\n`)
  empty.write('\n')
  expect(String(await empty.read(8))).toBe('* guest ')
})

test('a line without end is told so, and its sender leaves with protocol-error', async () => {
  const { lab, guest } = await openRoom()
  await using _ = lab
  const [ada, bob] = [await guest(), await guest()]
  ada.write('Ada\n')
  await hear(ada, '* Ada joined, 1 here\n')
  bob.write('Bob\n')
  await hear(ada, '* Bob joined, 2 here\n')
  await hear(bob, '* Bob joined, 2 here\n')
  bob.write('x'.repeat(5_000))
  await hear(ada, '* Bob left (protocol-error), 1 here\n')
  expect(String(await bob.untilOver())).toBe('* a line has at most 2048 bytes\n')
})

test('who says no name makes room for others', async () => {
  const { lab, guest } = await openRoom({ deadlines: { handshakeMs: 1_000 } })
  await using _ = lab
  const [ada, silent] = [await guest(), await guest()]
  ada.write('Ada\n')
  await silent.untilOver()
  await expect.poll(() => lab.completions).toMatchObject([{ reason: 'handshake-timeout' }])
  await hear(ada, '* Ada joined, 1 here\n')
})

test('two rooms do not hear each other', async () => {
  const [one, two] = [await openRoom(), await openRoom()]
  await using _one = one.lab
  await using _two = two.lab
  const [ada, bob] = [await one.guest(), await two.guest()]
  ada.write('Ada\n')
  await hear(ada, '* Ada joined, 1 here\n')
  bob.write('Bob\n')
  await hear(bob, '* Bob joined, 1 here\n')
})

test('a room that closes says so', async () => {
  const { lab, guest } = await openRoom()
  await using _ = lab
  const ada = await guest()
  const closing = lab.server.close({ deadlineMs: 5_000 })
  expect(String(await ada.rest())).toBe('* the room closes\n')
  ada.end()
  await closing
})
