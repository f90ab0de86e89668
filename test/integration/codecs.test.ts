import { expect, test } from 'vitest'
import {
  type Codec,
  type Connection,
  counted,
  delimited,
  fixed,
  json,
  lengthPrefixed,
  lines,
  netstring,
  type ProtocolConnection,
  ProtocolError,
  protocol,
} from '../../lib/index.js'
import { connectClient } from '../support/client.js'
import { encoded } from '../support/codec.js'
import { type Lab, openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

const KIB = 1024
const MIB = 1024 * KIB

/** Sends every message back. */
function echoing<Message>(codec: Codec<Message>) {
  return protocol<Message>({
    codec,
    message: (conn: ProtocolConnection<Message, undefined>, message: Message) => {
      conn.send(message)
    },
  })
}

const limit = { maxMessageBytes: 1_000, as: 'latin1' } as const
const crlf = delimited({ delimiter: '\r\n', ...limit })
const two = lengthPrefixed({ lengthBytes: 2, ...limit })
const four = lengthPrefixed({ lengthBytes: 4, ...limit })
const eight = lengthPrefixed({ lengthBytes: 8, ...limit })
const withItself = lengthPrefixed({ lengthBytes: 4, adjustmentBytes: -4, ...limit })
const varint = lengthPrefixed({ lengthBytes: 'varint', ...limit })
const nets = netstring(limit)
const chunks = counted({ radix: 16, separator: '\r\n', terminator: '\r\n', ...limit })
const eightBytes = fixed({ bytes: 8, as: 'latin1' })
const hex = (text: string) => Buffer.from(text, 'hex')

type Bad = [
  what: string,
  codec: Codec<string>,
  // What the client sends, behind one message that is right; then its FIN, where nothing else is wrong.
  bytes: string | Buffer,
  // Where the error is, counted from there; null: behind the last byte.
  at: number | null,
  limit: number | null,
]

const BAD: Bad[] = [
  ['an endless line', lines(limit), 'x'.repeat(5_000), 1_000, 1_000],
  ['an endless message before a delimiter', crlf, '\r'.repeat(5_000), 1_000, 1_000],
  ['a line one byte too long', lines(limit), `${'x'.repeat(1_001)}\n`, 1_000, 1_000],
  ['a length of one too many', two, hex('03e9'), 0, 1_000],
  ['a length of 1 GiB', four, hex('40000000'), 0, 1_000],
  ['a negative length, as it would be with a sign', four, hex('ffffffff'), 0, 1_000],
  ['a length above 2^53', eight, hex('0020000000000001'), 0, 1_000],
  ['the longest length of all', eight, hex('ffffffffffffffff'), 0, 1_000],
  ['a length below what it counts', withItself, hex('00000003'), 0, null],
  ['a varint without an end', varint, hex('ffffffffff'), 4, null],
  ['a varint above 32 bits', varint, hex('8080808010'), 4, null],
  ['a varint longer than it need be', varint, hex('8000'), 1, null],
  ['a netstring with a sign', nets, '-1:', 0, null],
  ['a netstring with another end', nets, '1:a;', 3, null],
  ['a netstring of too many', nets, '99999999999999', 3, 1_000],
  ['a chunk that overflows', chunks, 'ffffffffffffffff\r\n', 2, 1_000],
  ['what is no JSON', json(lines(limit)) as Codec<string>, 'hello\n', 0, null],
  ['an end within a line', lines(limit), 'x', null, null],
  ['an end within a length', four, hex('0000'), null, null],
  ['an end within a frame', four, hex('0000000261'), null, null],
  ['an end within a varint', varint, hex('80'), null, null],
  ['an end within a netstring', nets, '2:a', null, null],
  ['an end within so many bytes', eightBytes, '1234', null, null],
]

const GREETING = 'greeting'

/** A message goes there and back. */
async function greet(lab: Lab, client: Awaited<ReturnType<Lab['client']>>, codec: Codec<string>) {
  const frame = encoded(codec, GREETING)
  client.write(frame)
  expect((await client.read(frame.length)).equals(frame)).toBe(true)
  expect(lab.server.counters.open).toBeGreaterThan(0)
  return frame.length
}

test.each(BAD)('%s ends its connection alone, with where and why', async (...bad) => {
  const [, codec, bytes, at, wantedLimit] = bad
  await using lab = await openLab(echoing(codec))
  const [culprit, neighbour] = await lab.pairs(2)
  if (culprit === undefined || neighbour === undefined) throw new Error('two were asked for')
  const before = await greet(lab, culprit.client, codec)
  await greet(lab, neighbour.client, codec)
  culprit.client.write(bytes)
  if (at === null) {
    culprit.client.end()
  }
  const completion = await culprit.connection.closed
  expect(completion).toMatchObject({ reason: 'protocol-error', actor: 'policy' })
  expect(completion.error).toBeInstanceOf(ProtocolError)
  const offset = before + (at ?? Buffer.byteLength(bytes))
  expect(completion.error).toMatchObject({
    code: 'ERR_HOLDFAST_PROTOCOL',
    offset,
    limit: wantedLimit,
  })
  await greet(lab, neighbour.client, codec)
  expect(lab.completions).toHaveLength(1)
})

const ENDLESS: [what: string, codec: Codec<string>, head: string | Buffer][] = [
  ['a line', lines({ maxMessageBytes: MIB, as: 'latin1' }), ''],
  ['a length of 1 GiB', lengthPrefixed({ lengthBytes: 4, as: 'latin1' }), hex('40000000')],
]

test.each(ENDLESS)(
  'of %s without an end nothing is kept above the limit',
  async (_, codec, head) => {
    await using lab = await openLab(echoing(codec))
    const neighbour = await lab.client()
    const { client, connection } = await lab.pair()
    client.socket.on('error', () => {}) // the reset that it earns
    client.write(head)
    const piece = Buffer.alloc(MIB, 'x')
    const sending = async () => {
      for (let sent = 0; sent < 256 && !client.socket.destroyed && client.error === null; sent++) {
        await new Promise<void>((resolve) => client.socket.write(piece, () => resolve()))
      }
    }
    const [completion] = await Promise.all([connection.closed, sending()])
    expect(completion.reason).toBe('protocol-error')
    // What one turn may receive above what the codec may keep.
    expect(completion.bytesRead).toBeLessThanOrEqual(codec.maxFrameBytes + 256 * KIB)
    await greet(lab, neighbour, codec)
  },
)

test('a message may have up to the limit, in chunks of any kind', async () => {
  const codec = lines({ maxMessageBytes: MIB, as: 'latin1' })
  await using lab = await openLab(echoing(codec))
  const client = await connectClient(lab.port)
  const line = Buffer.alloc(MIB + 1, 'x')
  line[MIB] = 0x0a
  for (let at = 0; at < line.length; at += 100_000) {
    client.write(line.subarray(at, at + 100_000))
  }
  expect((await client.read(line.length)).equals(line)).toBe(true)
  client.end()
  await until(() => lab.completions.length === 1, 'it has ended')
  expect(lab.completions[0]?.reason).toBe('peer-end')
})

test('messages as buffers and slices outlive the batch that they came in', async () => {
  for (const as of ['buffer', 'slice'] as const) {
    const kept: { toString(): string }[] = []
    const keeping = protocol({
      codec: lines({ as }),
      message(conn: Connection, line: { toString(): string }) {
        kept.push(line)
        conn.write('.')
      },
    })
    await using lab = await openLab(keeping)
    const client = await lab.client()
    const wanted = Array.from({ length: 200 }, (_, i) => `line ${i}`)
    for (const line of wanted) {
      client.write(`${line}\n`)
      await client.read(1)
    }
    expect(kept.map(String)).toEqual(wanted)
  }
})
