import { everySplit, testServer } from 'holdfast/testing'
import { expect, it } from 'vitest'
import meter from '../../examples/meter.js'
import { type Client, connectClient } from '../support/client.js'
import { atTestEnd } from '../support/process-scope.js'
import { serving, stop } from '../support/process-serve.js'

// The protocol of docs/guide/writing-a-protocol.md, served as the guide serves it, and driven as the
// guide drives it.

const FILE = 'examples/meter.ts'

async function dial(port: number): Promise<Client> {
  const client = await connectClient(port)
  atTestEnd(() => client.destroy())
  return client
}

/** Says a line, and hears exactly that one. */
async function ask(client: Client, line: string, answer: string): Promise<void> {
  client.write(`${line}\n`)
  expect(String(await client.read(answer.length + 1))).toBe(`${answer}\n`)
}

it('meters count, anybody asks for the sum, and one that leaves counts no more', async () => {
  const { child, port } = await serving('--protocol', FILE)
  const [lamp, door, visitor] = [await dial(port), await dial(port), await dial(port)]
  await ask(lamp, 'hello lamp', 'hello lamp')
  await ask(lamp, 'count 3', 'ok')
  await ask(door, 'hello door', 'hello door')
  await ask(door, 'count 4', 'ok')
  await ask(visitor, 'sum', 'sum 7')
  door.end()
  expect(await child.event('disconnect')).toMatchObject({ reason: 'peer-end' })
  await ask(visitor, 'sum', 'sum 3')
  await ask(visitor, 'what', 'say: hello NAME, then: count NUMBER; or: sum')
  for (const client of [lamp, visitor]) client.destroy()
  await stop(child)
})

it('a meter that comes back replaces its own past, and a wrong count is a protocol-error', async () => {
  const { child, port } = await serving('--protocol', FILE)
  const past = await dial(port)
  await ask(past, 'hello lamp', 'hello lamp')
  const lamp = await dial(port)
  await ask(lamp, 'hello lamp', 'hello lamp')
  expect(await child.event('disconnect')).toMatchObject({ reason: 'replaced' })
  lamp.write('count many\n')
  expect(await child.event('disconnect')).toMatchObject({ reason: 'protocol-error' })
  await stop(child)
})

it('what it asks of its server is kept: a greeting in time, and an answer to each ping', async () => {
  await using server = await testServer(meter, meter.options)
  const [silent, lamp, stuck] = [server.connect(), server.connect(), server.connect()]
  lamp.send('hello lamp\n')
  stuck.send('hello stuck\n')
  expect([await lamp.receive(), await stuck.receive()]).toEqual(['hello lamp', 'hello stuck'])
  await server.advance(10_000)
  expect(silent.completion?.reason).toBe('handshake-timeout')
  await server.advance(40_000)
  expect([await lamp.receive(), await stuck.receive()]).toEqual(['ping', 'ping'])
  lamp.send('pong\n')
  await server.advance(10_000)
  expect(stuck.completion?.reason).toBe('heartbeat-timeout')
  expect(lamp.completion).toBeNull()
})

it('its messages are the same however they are cut', async () => {
  for (const parts of everySplit('hello lamp\ncount 3\nsum\n')) {
    await using server = await testServer(meter)
    const client = server.connect()
    for (const part of parts) {
      client.send(part)
      await server.settle()
    }
    const answers = [await client.receive(), await client.receive(), await client.receive()]
    expect(answers).toEqual(['hello lamp', 'ok', 'sum 3'])
  }
})
