import { describe, expect, test } from 'vitest'
import { digest, pattern } from '../support/bytes.js'
import { openLab } from '../support/lab.js'
import { turns } from '../support/wait.js'

const MIB = 1024 * 1024

// Text as Buffer.from(text, encoding) has it, and lengths on both sides of each limit on the way:
// what fits the slab by its worst case, what goes to native memory at once.
const TEXTS: [name: string, text: string][] = [
  ['ascii', 'plain text'],
  ['two bytes', 'Grüße, mañana, žluťoučký'],
  ['three bytes', '日本語テキスト €'],
  ['four bytes', 'emoji 🫖🧭 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢'],
  ['a lone high surrogate', 'a\ud800b'],
  ['a lone low surrogate', 'a\udc00b'],
  ['surrogates in the wrong order', '\udc00\ud800'],
  ['a high surrogate at the end', 'end\ud83e'],
  ['NUL and controls', 'a\0b\u0001\u007f\u0080'],
  ['21845 units, the most that fit the slab by their worst case', '€'.repeat(21_845)],
  ['21846 units, one too many', '€'.repeat(21_846)],
  ['a long ascii text', 'x'.repeat(300_000)],
  ['a long mixed text', 'aé€🫖'.repeat(50_000)],
]

describe('strings', () => {
  test.each(TEXTS)('utf8: %s', async (_, text) => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.write('<')
    connection.write(text, 'utf8')
    connection.end('>')
    const expected = Buffer.from(`<${text}>`, 'utf8')
    expect(digest(await client.rest())).toBe(digest(expected))
    client.end()
    expect((await connection.closed).bytesWritten).toBe(expected.length)
  })

  test.each(TEXTS)('latin1: %s', async (_, text) => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.write('<')
    connection.write(text, 'latin1')
    connection.end('>', 'latin1')
    expect(digest(await client.rest())).toBe(digest(Buffer.from(`<${text}>`, 'latin1')))
  })

  test('a surrogate pair cut in two by two writes is two replacement characters', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const pot = '🫖'
    connection.write(pot.slice(0, 1))
    connection.end(pot.slice(1))
    expect((await client.rest()).toString()).toBe('\ufffd\ufffd')
  })
})

describe('bytes', () => {
  const SIZES = [0, 1, 4_095, 4_096, 65_535, 65_536, 65_537, MIB, MIB + 1, 8 * MIB]

  test.each(SIZES)('a Uint8Array of %i bytes', async (size) => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const sent = new Uint8Array(pattern(size, size))
    connection.write(sent)
    connection.end()
    expect(digest(await client.rest())).toBe(digest(sent))
  })

  test.each([10, 100_000])('a subarray of %i bytes sends its own bytes alone', async (size) => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const whole = pattern(size + 200, 1)
    connection.write(whole.subarray(100, 100 + size))
    connection.end(new Uint8Array(whole.buffer, whole.byteOffset + 50, 5))
    const expected = Buffer.concat([whole.subarray(100, 100 + size), whole.subarray(50, 55)])
    expect(digest(await client.rest())).toBe(digest(expected))
  })

  test('nothing is written for nothing: no bytes, no drain, true', async () => {
    const drains: string[] = []
    await using lab = await openLab({
      drain() {
        drains.push('drain')
      },
    })
    const { client, connection } = await lab.pair()
    expect(connection.write('')).toBe(true)
    expect(connection.write(new Uint8Array())).toBe(true)
    connection.end('')
    expect((await client.rest()).length).toBe(0)
    expect(drains).toEqual([])
    expect(connection.server.counters.writesAfterEnd).toBe(0)
  })

  test.each([100, 65_536, 65_537, 1_000_000])(
    'the array of %i bytes is the caller’s again when write() returns',
    async (size) => {
      await using lab = await openLab()
      const { client, connection } = await lab.pair()
      const rounds = 20
      const sent = Array.from({ length: rounds }, (_, round) => pattern(size, round))
      const reused = Buffer.alloc(size)
      for (const bytes of sent) {
        bytes.copy(reused)
        connection.write(reused)
        reused.fill(0xaa)
      }
      connection.end()
      expect(digest(await client.rest())).toBe(digest(Buffer.concat(sent)))
    },
  )

  test('strings, small and large arrays in one turn keep their order', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    const expected: Buffer[] = []
    for (let round = 0; round < 30; round++) {
      const small = pattern(round * 37, round)
      const large = pattern(65_537 + round, 100 + round)
      for (const bytes of [small, large]) {
        connection.write(bytes)
        connection.write(`#${round}`)
        expected.push(bytes, Buffer.from(`#${round}`))
      }
    }
    connection.end()
    expect(digest(await client.rest())).toBe(digest(Buffer.concat(expected)))
  })

  test('100,000 writes of 20 connections in one turn: more than the table and the slab hold', async () => {
    await using lab = await openLab()
    const pairs = await lab.pairs(20)
    const expected = pairs.map((): string[] => [])
    for (let at = 0; at < 100_000; at++) {
      const index = at % pairs.length
      const text = `${index}:${at};`
      pairs[index]?.connection.write(text)
      expected[index]?.push(text)
    }
    pairs.forEach(({ connection }) => {
      connection.end()
    })
    const received = await Promise.all(pairs.map(({ client }) => client.rest()))
    expect(received.map((bytes) => digest(bytes))).toEqual(
      expected.map((texts) => digest(Buffer.from(texts.join('')))),
    )
  })
})

describe('where a write is made', () => {
  test('in a timer, in a microtask, in nextTick and in setImmediate: all go out', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    await turns(2)
    setTimeout(() => connection.write('t'), 1)
    expect((await client.read(1)).toString()).toBe('t')
    void Promise.resolve().then(() => connection.write('m'))
    expect((await client.read(1)).toString()).toBe('m')
    process.nextTick(() => connection.write('n'))
    expect((await client.read(1)).toString()).toBe('n')
    setImmediate(() => connection.write('i'))
    expect((await client.read(1)).toString()).toBe('i')
  })
})
