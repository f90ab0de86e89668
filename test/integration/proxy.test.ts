import { expect, test } from 'vitest'
import type { Connection, Handler, RefusalCause } from '../../lib/index.js'
import { type Client, connectClient } from '../support/client.js'
import { type Lab, type LabOptions, openLab } from '../support/lab.js'
import {
  CLIENT_PORT,
  COMMAND_LOCAL,
  TLV_CRC32C,
  TLV_UNIQUE_ID,
  tlv,
  v1,
  v2,
  v2Checked,
  v2Of,
} from '../support/proxy-headers.js'
import { deferred, until } from '../support/wait.js'

const FROM_LOOPBACK = { from: ['127.0.0.0/8'] }

/** A server behind a proxy on this machine, what it opened in order, and what each of them sent. */
interface Behind extends AsyncDisposable {
  lab: Lab<string>
  opened: Connection<string>[]
}

async function behind(options: LabOptions = {}, more: Handler<string> = {}): Promise<Behind> {
  const opened: Connection<string>[] = []
  const handler: Handler<string> = {
    ...more,
    open(connection) {
      connection.data = ''
      opened.push(connection)
    },
    data(connection, chunk) {
      connection.data += chunk.toString('latin1')
    },
  }
  const lab = await openLab(handler, { proxy: FROM_LOOPBACK, ...options })
  return { lab, opened, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() }
}

function refusals(lab: Lab<string>, cause: RefusalCause, count: number): Promise<void> {
  const reached = deferred()
  lab.server.onRefused(() => {
    if (lab.server.counters.refused[cause] >= count) reached.resolve()
  })
  return reached.promise
}

async function sending(lab: Lab<string>, ...parts: Uint8Array[]): Promise<Client> {
  const client = await lab.client()
  for (const part of parts) client.write(part)
  return client
}

test.each([
  ['version 1', v1(7), 1],
  ['version 2', v2(7), 2],
  ['version 2 with a checksum', v2Checked(7, tlv(TLV_UNIQUE_ID, 'id-7')), 2],
])('%s: a connection has the addresses of its client, to the end', async (_, header, version) => {
  await using server = await behind()
  const { lab, opened } = server
  const client = await sending(lab, Buffer.concat([header, Buffer.from('hello')]))
  await expect.poll(() => opened[0]?.data).toBe('hello')
  const connection = opened[0] as Connection<string>
  expect(connection).toMatchObject({ remoteAddress: '192.0.2.7', remotePort: CLIENT_PORT })
  expect(connection.proxy).toMatchObject({
    ...{ version, local: false, proxyAddress: '127.0.0.1', proxyPort: client.port },
    ...{ destinationAddress: '198.51.100.1', destinationPort: 443 },
  })
  connection.write('answer')
  expect(String(await client.read(6))).toBe('answer')
  client.end()
  // The header is none of the client's bytes.
  expect(await connection.closed).toMatchObject({
    ...{ reason: 'peer-end', remoteAddress: '192.0.2.7', remotePort: CLIENT_PORT },
    ...{ bytesRead: 5, bytesWritten: 6 },
  })
  expect(connection.proxy?.proxyPort).toBe(client.port)
})

test('what the proxy adds is told', async () => {
  await using server = await behind()
  const header = v2Checked(7, tlv(TLV_UNIQUE_ID, 'id-7'), tlv(0xe0, 'x'.repeat(4_000)))
  await sending(server.lab, header)
  await until(() => server.opened.length === 1, 'the connection opens')
  const tlvs = server.opened[0]?.proxy?.tlvs ?? []
  expect(tlvs.map(({ type, value }) => [type, value.length])).toEqual([
    [TLV_UNIQUE_ID, 4],
    [0xe0, 4_000],
    [TLV_CRC32C, 4],
  ])
})

test('a header may come in two parts, cut at any byte', async () => {
  await using server = await behind()
  const { lab, opened } = server
  const whole = Buffer.concat([v2Checked(7, tlv(TLV_UNIQUE_ID, 'id-7')), Buffer.from('hello')])
  const cuts = Array.from({ length: whole.length - 1 }, (_, at) => at + 1)
  const clients = await Promise.all(cuts.map((cut) => sending(lab, whole.subarray(0, cut))))
  // Who comes behind them is served: the first parts have been read.
  await sending(lab, v1(8))
  await until(() => opened.some((one) => one.remoteAddress === '192.0.2.8'), 'the last one opens')
  for (const [at, client] of clients.entries()) client.write(whole.subarray(cuts[at]))
  await until(() => opened.length === clients.length + 1, 'all open')
  const sevens = opened.filter((one) => one.remoteAddress === '192.0.2.7')
  await expect.poll(() => sevens.every(({ data }) => data === 'hello')).toBe(true)
  expect(sevens).toHaveLength(clients.length)
  for (const { proxy } of sevens) expect(String(proxy?.tlvs[0]?.value)).toBe('id-7')
})

test.each([
  ['LOCAL', v2Of(COMMAND_LOCAL, 0x00), 2],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), 1],
])('%s opens with the address of the socket', async (_, header, version) => {
  await using server = await behind()
  const client = await sending(server.lab, header)
  await until(() => server.opened.length === 1, 'it opens')
  const address = { remoteAddress: '127.0.0.1', remotePort: client.port }
  expect(server.opened[0]).toMatchObject(address)
  expect(server.opened[0]?.proxy).toMatchObject({ version, local: true, destinationAddress: null })
})

test('limits count clients, not their proxy', async () => {
  await using server = await behind({ limits: { connectionsPerAddress: 1 } })
  const { lab, opened } = server
  await sending(lab, v1(1))
  await sending(lab, v2(2))
  await until(() => opened.length === 2, 'both open')
  const refused = refusals(lab, 'per-address', 1)
  const third = await sending(lab, v2(1))
  await third.untilOver()
  expect(third.error?.code).toBe('ECONNRESET')
  await refused
  opened.find((one) => one.remoteAddress === '192.0.2.1')?.destroy()
  await expect.poll(() => lab.completions.length).toBe(1)
  await sending(lab, v1(1))
  await until(() => opened.length === 3, 'the place is free again')
})

test('rules decide by the client', async () => {
  const rules = [{ cidr: '192.0.2.64/26', action: 'deny' }] as const
  await using server = await behind({ limits: { rules } })
  const refused = refusals(server.lab, 'blocked', 1)
  await sending(server.lab, v1(65))
  await refused
  await sending(server.lab, v1(63))
  await until(() => server.opened.length === 1, 'the other opens')
})

test('from elsewhere a client speaks for itself, and a header is data', async () => {
  await using server = await behind({ proxy: { from: ['127.0.0.9'] } })
  const { client, connection } = await server.lab.pair()
  client.write(v1(7))
  await expect.poll(() => server.opened[0]?.data).toBe(String(v1(7)))
  expect(connection.proxy).toBeNull()
  expect(connection.remoteAddress).toBe('127.0.0.1')
})

test('where others are denied, who is no proxy is refused', async () => {
  await using server = await behind({ proxy: { from: ['127.0.0.9'], others: 'deny' } })
  const refused = refusals(server.lab, 'proxy-header', 1)
  await sending(server.lab, v1(7)).catch(() => {}) // reset while it connects, perhaps
  await refused
  const proxy = await connectClient(server.lab.port, { localAddress: '127.0.0.9' })
  proxy.write(v1(7))
  await until(() => server.opened.length === 1, 'the proxy is believed')
  proxy.destroy()
})

const badChecksum = v2Checked(7)
badChecksum[20] = 8

test.each([
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n')],
  ['a line with two spaces', Buffer.from('PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n')],
  ['a port that is none', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n')],
  ['an endless line', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
  ['version 3', v2Of(0x31, 0x11, Buffer.alloc(12))],
  ['a family that is not assigned', v2Of(0x21, 0x41, Buffer.alloc(12))],
  ['addresses cut short', v2Of(0x21, 0x11, Buffer.alloc(11))],
  ['a TLV that is cut short', v2(7, Buffer.from([4, 0, 1]))],
  ['a wrong checksum', badChecksum],
  ['more than 4096 bytes', v2(7, tlv(0xe0, Buffer.alloc(4_096)))],
])('%s is refused, and never opened', async (_, bytes) => {
  await using server = await behind()
  const { lab } = server
  const refused = refusals(lab, 'proxy-header', 1)
  const client = await sending(lab, bytes)
  await client.untilOver()
  expect(client.error?.code).toBe('ECONNRESET')
  await refused
  expect(server.opened).toEqual([])
  expect(lab.server.counters).toMatchObject({ arrived: 1, accepted: 0 })
})

test('a header that is late is refused, and one that ends before it is complete', async () => {
  await using server = await behind({ proxy: { ...FROM_LOOPBACK, headerMs: 200 } })
  const { lab } = server
  const began = performance.now()
  const refused = refusals(lab, 'proxy-header', 2)
  const ends = await sending(lab, v1(7).subarray(0, 20))
  ends.end()
  const slow = await sending(lab, v1(7).subarray(0, 20))
  await slow.untilOver()
  await refused
  expect(performance.now() - began).toBeGreaterThanOrEqual(199)
  expect(lab.server.counters).toMatchObject({ arrived: 2, accepted: 0, closed: { 'peer-end': 0 } })
})

test('who waits for its header has not arrived, until it opens or is refused', async () => {
  await using server = await behind()
  const { lab, opened } = server
  const waiting = await sending(lab, v1(7).subarray(0, 20))
  await sending(lab, v1(8))
  await until(() => opened.length === 1, 'the other opens')
  expect(lab.server.counters).toMatchObject({ arrived: 1, accepted: 1, open: 1 })
  expect([...lab.server.connections]).toHaveLength(1)
  expect(lab.server.inspect()).toHaveLength(1)
  waiting.write(v1(7).subarray(20))
  await until(() => opened.length === 2, 'it opens')
  expect(lab.server.counters).toMatchObject({ arrived: 2, accepted: 2, open: 2 })
})

test('close() gives headers under way a moment, and refuses the others before it resolves', async () => {
  const said: string[] = []
  await using server = await behind(
    {},
    { shutdown: ({ remoteAddress }) => void said.push(String(remoteAddress)) },
  )
  const { lab, opened } = server
  const inTime = await sending(lab, v1(7).subarray(0, 20))
  await sending(lab, v1(9).subarray(0, 20))
  await lab.client()
  const served = await sending(lab, v1(8))
  await until(() => opened.length === 1, 'one opens')
  const closing = lab.server.close({ message: 'bye' })
  inTime.write(v1(7).subarray(20))
  for (const client of [inTime, served]) {
    expect(String(await client.rest())).toBe('bye')
    client.end()
  }
  expect(await closing).toMatchObject({
    ...{ arrived: 4, accepted: 2, open: 0 },
    ...{ refused: { 'proxy-header': 2 }, closed: { shutdown: 2 } },
  })
  expect(said.sort()).toEqual(['192.0.2.7', '192.0.2.8'])
})

test('addresses of IPv6 clients are told through a proxy of IPv4', async () => {
  await using server = await behind({ limits: { connectionsPerAddress: 1 } })
  const { lab, opened } = server
  await sending(lab, Buffer.from('PROXY TCP6 2001:db8::1 2001:db8:1::1 1000 443\r\n'))
  await until(() => opened.length === 1, 'it opens')
  expect(opened[0]).toMatchObject({ remoteAddress: '2001:db8::1', remotePort: 1000 })
  // An address is its first 64 bits.
  const refused = refusals(lab, 'per-address', 1)
  await sending(lab, Buffer.from('PROXY TCP6 2001:db8::2 2001:db8:1::1 1000 443\r\n'))
  await refused
})
