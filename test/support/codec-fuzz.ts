import type { Codec } from '../../lib/codecs/index.js'
import { byteByByte, cutAt, drive, encoded } from './codec.js'
import { type Reference, readAll } from './codec-references.js'
import { seeded, wholeBetween } from './seeded.js'

type StreamEnd = 'truncated' | 'limited' | 'malformed'

/** A codec, and how to attack it. */
export interface Target {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: a table of codecs of many kinds of messages.
  codec: Codec<any, any>
  reference: Reference
  /** Of which messages consist: bytes that mean something to the codec among them. */
  alphabet: string
  /** A little above the codec's limit. */
  lengthMax: number
  /** Parts of streams that a client would try. */
  hostile: readonly string[]
  /** How a stream may end, but for well; each of them must be seen. */
  ends: readonly StreamEnd[]
}

export interface Fuzzed {
  /** What went wrong with the first case for which anything did; null: nothing. */
  problem: string | null
  /** How many streams had messages, ended within one, went beyond the limit, and were wrong otherwise. */
  seen: Record<'messages' | StreamEnd, number>
}

export function fuzz(target: Target, cases: number, seed: number): Fuzzed {
  const random = seeded(seed)
  const seen = { messages: 0, truncated: 0, limited: 0, malformed: 0 }
  for (let index = 0; index < cases; index++) {
    const stream = streamOf(target, random)
    const wanted = readAll(target.reference, stream)
    const { messages, wrong } = wanted
    seen.messages += messages.length > 0 ? 1 : 0
    if (wrong !== null) {
      const cause = wrong.offset === stream.length ? 'truncated' : 'malformed'
      seen[wrong.limit !== null ? 'limited' : cause]++
    }
    const problem = problemOf(target, stream, wanted, random)
    if (problem !== null) {
      return { problem: `case ${index}, ${JSON.stringify(stream)}: ${problem}`, seen }
    }
  }
  return { problem: null, seen }
}

function problemOf(
  { codec }: Target,
  stream: string,
  wanted: ReturnType<typeof readAll>,
  random: () => number,
): string | null {
  const bytes = Buffer.from(stream, 'latin1')
  const splits = [
    [bytes],
    byteByByte(bytes),
    randomSplit(bytes, random),
    randomSplit(bytes, random),
  ]
  try {
    for (const chunks of splits) {
      const { messages, wrong, keptMax } = drive(codec, chunks)
      const got = JSON.stringify({ messages, wrong })
      if (got !== JSON.stringify(wanted)) {
        const lengths = chunks.map(({ length }) => length)
        return `in chunks of ${lengths} bytes ${got}, not ${JSON.stringify(wanted)}`
      }
      if (keptMax > codec.maxFrameBytes) {
        return `${keptMax} bytes kept, above ${codec.maxFrameBytes}`
      }
    }
    const again = encoded(codec, ...wanted.messages.map((text) => Buffer.from(text, 'latin1')))
    const { messages, wrong } = drive(codec, [again])
    return wrong === null && JSON.stringify(messages) === JSON.stringify(wanted.messages)
      ? null
      : `sent again, as ${JSON.stringify(again.toString('latin1'))}: ${JSON.stringify(messages)}`
  } catch (error) {
    return `thrown: ${error}`
  }
}

function streamOf(target: Target, random: () => number): string {
  let stream = ''
  for (let parts = wholeBetween(random, 0, 4); parts > 0; parts--) {
    stream += random() < 0.25 ? oneOf(target.hostile, random) : frameOf(target, random)
  }
  for (let changes = wholeBetween(random, -3, 2); changes > 0; changes--) {
    const at = wholeBetween(random, 0, stream.length)
    const byte = random() < 0.5 ? letter(target, random) : String.fromCharCode(random() * 256)
    // One more, another, or one less.
    stream = stream.slice(0, at) + oneOf([byte, byte, ''], random) + stream.slice(at + changes - 1)
  }
  return random() < 0.2 ? stream.slice(0, wholeBetween(random, 0, stream.length)) : stream
}

/** As it is sent; or the bytes themselves, where that cannot be sent. */
function frameOf(target: Target, random: () => number): string {
  let text = ''
  for (let left = wholeBetween(random, 0, target.lengthMax); left > 0; left--) {
    text += letter(target, random)
  }
  try {
    return encoded(target.codec, Buffer.from(text, 'latin1')).toString('latin1')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_HOLDFAST_MESSAGE') throw error
    return text
  }
}

const letter = ({ alphabet }: Target, random: () => number) => oneOf([...alphabet], random)

function oneOf<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)] as Value
}

function randomSplit(bytes: Buffer, random: () => number): Buffer[] {
  const places = [1, 2, 3].map(() => wholeBetween(random, 0, bytes.length))
  return cutAt(
    bytes,
    places.sort((a, b) => a - b),
  ).filter(({ length }) => length > 0)
}
