import { expect, test } from 'vitest'
import { resp } from '../../lib/index.js'
import type { Client } from '../support/client.js'
import { type LabOptions, openLab } from '../support/lab.js'

async function openStore() {
  const store = resp()
  return openLab(store as never, store.options as LabOptions)
}

/** Sends this and hears exactly that. */
async function ask(client: Client, text: string, answer: string): Promise<void> {
  client.write(text)
  expect((await client.read(answer.length)).toString('latin1')).toBe(answer)
}

test('its connections share what is stored, and two servers do not', async () => {
  await using lab = await openStore()
  await using other = await openStore()
  const [one, two, three] = [await lab.client(), await lab.client(), await other.client()]
  await ask(one, 'set a 1\r\n', '+OK\r\n')
  await ask(two, 'incr a\r\n', ':2\r\n')
  await ask(three, 'get a\r\n', '$-1\r\n')
})

test('a message goes to all who listen, in the order of what they asked', async () => {
  await using lab = await openStore()
  const clients = await Promise.all(Array.from({ length: 20 }, () => lab.client()))
  for (const client of clients) {
    await ask(client, 'subscribe news\r\n', '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n')
  }
  const publisher = await lab.client()
  await ask(publisher, 'publish news a\r\npublish news b\r\n', ':20\r\n:20\r\n')
  const message = (text: string) => `*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\n${text}\r\n`
  for (const client of clients) {
    await ask(client, 'ping\r\n', `${message('a')}${message('b')}*2\r\n$4\r\npong\r\n$0\r\n\r\n`)
  }
  clients[0]?.reset()
  await expect.poll(() => lab.completions.length).toBe(1)
  await ask(publisher, 'publish news c\r\n', ':19\r\n')
})

test('a key that expires is gone, and its memory is free without anybody asking', async () => {
  await using lab = await openStore()
  const client = await lab.client()
  await ask(client, 'set a 1 px 60\r\nset b 1 px 60\r\nttl a\r\n', '+OK\r\n+OK\r\n:0\r\n')
  await expect
    .poll(
      async () => {
        client.write('dbsize\r\n')
        return (await client.read(4)).toString()
      },
      { timeout: 5_000 },
    )
    .toBe(':0\r\n')
  await ask(client, 'get a\r\n', '$-1\r\n')
})

test('CLIENT LIST knows the real connections', async () => {
  await using lab = await openStore()
  const [one, two] = [await lab.pair(), await lab.pair()]
  await ask(one.client, 'client setname lamp\r\n', '+OK\r\n')
  await ask(two.client, 'subscribe news\r\n', '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n')
  const asking = await lab.client()
  asking.end('client list\r\n')
  const list = (await asking.rest()).toString()
  const { id } = one.connection
  expect(list).toContain(
    `id=${id} addr=127.0.0.1:${one.client.port} name=lamp age=0 idle=0 flags=N`,
  )
  expect(list).toMatch(new RegExp(`addr=127.0.0.1:${two.client.port} name= .* flags=P db=0 sub=1`))
  expect(list.match(/^id=/gm)).toHaveLength(3)
})

test('what is no command ends its sender with protocol-error, and nobody else', async () => {
  await using lab = await openStore()
  const [bad, good] = [await lab.client(), await lab.client()]
  bad.write('*1\r\n$9999999\r\n')
  expect(String(await bad.untilOver())).toMatch(
    /^-ERR Protocol error: a length of more than 1048576/,
  )
  await expect
    .poll(() => lab.completions)
    .toMatchObject([{ reason: 'protocol-error', error: { offset: 5, limit: 1_048_576 } }])
  await ask(good, 'ping\r\n', '+PONG\r\n')
})

test('who does not read is waited for, and gets every answer in the end', async () => {
  await using lab = await openStore()
  const client = await lab.client()
  const value = 'v'.repeat(60_000)
  await ask(client, `*3\r\n$3\r\nSET\r\n$1\r\na\r\n$60000\r\n${value}\r\n`, '+OK\r\n')
  client.socket.pause()
  client.write('get a\r\n'.repeat(400))
  await expect.poll(() => lab.server.counters.bytesRead).toBeGreaterThan(60_000)
  client.socket.resume()
  client.end()
  expect((await client.rest()).length).toBe(400 * (60_000 + '$60000\r\n\r\n'.length))
})
