import { expect, test } from 'vitest'
import { type Codec, INCOMPLETE } from '../../../../lib/codecs/index.js'
import { RespCodec } from '../../../../lib/protocols/resp/codec.js'
import { byteByByte, cutAt, drive, driveEverySplit } from '../../../support/codec.js'
import { seeded, wholeBetween } from '../../../support/seeded.js'
import { command } from './conversation.js'

const CASES = 3_000

/** Requests as what they hold: the codec uses one object for all of them. */
function recording(): Codec<string[], never> {
  const codec = new RespCodec()
  return {
    maxFrameBytes: codec.maxFrameBytes,
    borrows: codec.borrows,
    decode(input) {
      const request = codec.decode(input)
      return request === INCOMPLETE
        ? INCOMPLETE
        : Array.from({ length: request.count }, (_, i) => request.text(i))
    },
    encode() {},
  }
}

/** The same, slowly: the commands before the first that is wrong or not complete. */
function reference(stream: string): { messages: string[][]; whole: boolean } {
  const messages: string[][] = []
  let rest = stream
  while (rest !== '') {
    const found = rest.startsWith('*') ? arrayOf(rest) : lineOf(rest)
    if (found === null) {
      return { messages, whole: false }
    }
    messages.push(found.words)
    rest = found.rest
  }
  return { messages, whole: true }
}

function arrayOf(text: string): { words: string[]; rest: string } | null {
  const [head = '', count = ''] = /^\*(\d{1,7})\r\n/.exec(text) ?? []
  if (head === '' || Number(count) > 1024) {
    return null
  }
  const words: string[] = []
  let rest = text.slice(head.length)
  while (words.length < Number(count)) {
    const [start = '', length = ''] = /^\$(\d{1,7})\r\n/.exec(rest) ?? []
    const end = start.length + Number(length)
    if (start === '' || rest.slice(end, end + 2) !== '\r\n') {
      return null
    }
    words.push(rest.slice(start.length, end))
    rest = rest.slice(end + 2)
  }
  return { words, rest }
}

function lineOf(text: string): { words: string[]; rest: string } | null {
  const end = text.indexOf('\n')
  const words = text.slice(0, end).split(/[ \t\r]+/)
  return end < 0 ? null : { words: words.filter((word) => word !== ''), rest: text.slice(end + 1) }
}

const HOSTILE = [
  ...['*', '*\r\n', '*-1\r\n', '*1025\r\n', '*1\n', '*01\r\n', '*2\r\n$1\r\na\r\n', '*0\r\n'],
  ...['$', '$1\r\n', '*1\r\n$-1\r\n', '*1\r\n$9999999\r\n', '*1\r\n$00000001\r\nx\r\n'],
  ...['*1\r\n$2\r\na\r\n', '\r\n', '\n', '\r', ' \t ', '*99999999999999999999', 'ping'],
]
const ALPHABET = '*$\r\n \t0129-ax\xff'

function streamOf(random: () => number): string {
  const oneOf = <Value>(values: ArrayLike<Value>) =>
    values[Math.floor(random() * values.length)] as Value
  const letters = (max: number) =>
    Array.from({ length: wholeBetween(random, 0, max) }, () => oneOf(ALPHABET)).join('')
  const part = [
    () => command(...Array.from({ length: wholeBetween(random, 1, 4) }, () => letters(8))),
    () => command(...Array.from({ length: wholeBetween(random, 1, 4) }, () => letters(8))),
    () => `${letters(12).replaceAll('*', '')}\r\n`,
    () => oneOf(HOSTILE),
  ]
  let stream = ''
  for (let parts = wholeBetween(random, 1, 5); parts > 0; parts--) {
    stream += oneOf(part)()
  }
  if (random() < 0.4) {
    const at = wholeBetween(random, 0, stream.length)
    stream = stream.slice(0, at) + oneOf(['', oneOf(ALPHABET)]) + stream.slice(at + 1)
  }
  return stream
}

test('whatever comes, and however it is cut, is what a slow reading makes of it', () => {
  const random = seeded(5)
  const seen = { whole: 0, wrong: 0, messages: 0 }
  for (let index = 0; index < CASES; index++) {
    const stream = streamOf(random)
    const bytes = Buffer.from(stream, 'latin1')
    const wanted = reference(stream)
    const places = [0, 1].map(() => wholeBetween(random, 0, bytes.length)).sort((a, b) => a - b)
    const whole = drive(recording(), [bytes])
    expect([stream, whole.messages]).toEqual([stream, wanted.messages])
    expect([stream, whole.wrong === null]).toEqual([stream, wanted.whole])
    for (const chunks of [byteByByte(bytes), cutAt(bytes, places)]) {
      const { messages, wrong } = drive(recording(), chunks)
      expect([stream, messages, wrong]).toEqual([stream, whole.messages, whole.wrong])
    }
    seen.messages += whole.messages.length
    seen[wanted.whole ? 'whole' : 'wrong']++
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(CASES / 10)
})

test('every split of a long command, and of what ends in the middle', () => {
  const words = ['SET', 'k'.repeat(60), '', '\r\n*$', 'v'.repeat(90)]
  const stream = command(...words) + command('PING')
  expect(driveEverySplit(recording(), stream)).toEqual({
    messages: [words, ['PING']],
    wrong: null,
  })
  expect(driveEverySplit(recording(), stream.slice(0, -1)).wrong).not.toBeNull()
})
