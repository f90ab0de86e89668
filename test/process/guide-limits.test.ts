import { expect, it } from 'vitest'
import { type Client, connectClient } from '../support/client.js'
import { atTestEnd } from '../support/process-scope.js'
import { runSample } from '../support/sample.js'
import { until } from '../support/wait.js'

const SHORTER = [
  ['handshakeMs: 10_000', 'handshakeMs: 1_000'],
  ['intervalMs: 50_000, replyMs: 20_000', 'intervalMs: 1_500, replyMs: 1_500'],
] as const

const REPORT = `
server.onDisconnect((completion, conn) => {
  console.log(conn.data.name ?? 'nobody', completion.reason)
})
console.log(server.address.port)
`

async function hear(client: Client, text: string): Promise<void> {
  expect((await client.read(Buffer.byteLength(text))).toString()).toBe(text)
}

it("the guide's server tells its clients apart, whatever their chunks and heartbeats are", async () => {
  const child = runSample('docs/guide/limits.md', SHORTER, REPORT)
  const port = Number(await child.line())
  const dial = async (): Promise<Client> => {
    const client = await connectClient(port)
    atTestEnd(() => client.destroy())
    return client
  }
  const reports = (who: string) => child.lines.slice(1).filter((line) => line.startsWith(who))

  // Their names come in pieces, and with what follows.
  const clients = [await dial(), await dial(), await dial()]
  const [alice, bob, carol] = clients as [Client, Client, Client]
  bob.write('bo')
  const words = Buffer.from('alice\nhello, \u{1F44B}\nhow are ')
  alice.write(words.subarray(0, 15)) // two of the four bytes of the character
  carol.write('carol\n')
  alice.write(words.subarray(15))
  await hear(alice, 'hello, \u{1F44B}\n')
  alice.write('you?\n')
  await hear(alice, 'how are you?\n')
  bob.write('b\n')

  // All of them answer alike.
  const answer = async (client: Client) => {
    await hear(client, 'ping\n')
    client.write('pong\nand more\n')
    await hear(client, 'and more\n')
  }
  await Promise.all(clients.map(answer))
  await Promise.all(clients.map(answer))
  expect(reports('')).toEqual([])

  const again = await dial()
  again.write('alice\nhere again\n')
  await hear(again, 'here again\n')
  await until(() => reports('').length > 0, 'the first alice is ended')
  expect(reports('')).toEqual(['alice replaced'])

  // A byte is no handshake, and no end of a line is no reason to keep it all.
  const slow = await dial()
  slow.write('x')
  await until(() => reports('nobody').length === 1, 'the slow one is ended')
  const endless = await dial()
  endless.write('x'.repeat(5_000))
  await until(() => reports('nobody').length === 2, 'the endless one is ended')
  expect(reports('nobody')).toEqual(['nobody handshake-timeout', 'nobody local-abort'])
})
