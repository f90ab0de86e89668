import { type Codec, INCOMPLETE, Input, Slice } from '../../lib/codecs/index.js'
import { type Encoder, encoded as encodedAlone } from '../../lib/core/output.js'
import { ProtocolError } from '../../lib/core/protocol-error.js'
import type { ReaderSubject } from '../../lib/core/reader.js'
import { ProtocolReader } from '../../lib/protocols/protocol-reader.js'

/** What became of a stream of bytes. */
export interface Decoded {
  /** As plain() makes them. */
  messages: unknown[]
  /** What the client would be ended for. */
  wrong: { offset: number | null; limit: number | null } | null
  /** Most bytes of a message that was not complete. */
  keptMax: number
}

const SLAB_BYTES = 4096
const MARGIN_BYTES = 8

/** For comparison: bytes as latin1 text, whatever holds them. */
export function plain(message: unknown): unknown {
  if (message instanceof Slice) {
    return message.toString('latin1')
  }
  return Buffer.isBuffer(message) ? message.toString('latin1') : message
}

/**
 * What a server of this codec makes of the chunks, by the reader that every protocol has. A chunk is read
 * amidst ends of lines that are no part of it; and from memory that is overwritten when it has been read,
 * where the codec says that it keeps nothing of it.
 */
export function drive(codec: Codec<unknown, never>, chunks: readonly Buffer[]): Decoded {
  const messages: unknown[] = []
  let keptMax = 0
  const watched: Codec<unknown, never> = {
    maxFrameBytes: codec.maxFrameBytes,
    borrows: codec.borrows,
    decode(input) {
      const message = codec.decode(input)
      if (message === INCOMPLETE) {
        keptMax = Math.max(keptMax, input.length)
      }
      return message
    },
    encode: () => {},
  }
  const definition = { codec: watched, message: (_: unknown, message: unknown) => push(message) }
  const push = (message: unknown) => {
    messages.push(message)
  }
  const home = { wantsDrain: new Uint8Array(1), guard: (call: () => unknown) => void call() }
  const reader = new ProtocolReader(definition as never, home)
  const subject = { slot: 0, flags: 0 } as ReaderSubject
  const slab = Buffer.alloc(SLAB_BYTES)
  let wrong: Decoded['wrong'] = null
  try {
    for (const chunk of chunks) {
      const room = chunk.length + 2 * MARGIN_BYTES
      const memory = codec.borrows && room <= SLAB_BYTES ? slab : Buffer.alloc(room)
      memory.fill('\n')
      chunk.copy(memory, MARGIN_BYTES)
      const end = MARGIN_BYTES + chunk.length
      const at = reader.receive(subject, memory, MARGIN_BYTES, end, 0)
      if (at !== end) {
        throw new Error(`the reader stopped at ${at}, before ${end}`)
      }
      if (codec.borrows) {
        memory.fill(0xdd)
      }
    }
    reader.ended(subject)
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error
    }
    wrong = { offset: error.offset, limit: error.limit }
  }
  return { messages: messages.map(plain), wrong, keptMax }
}

/** For a codec by itself: all that its connection has sent. */
export function inputOf(text: string): Input {
  const input = new Input()
  const bytes = Buffer.from(text, 'latin1')
  input.set(bytes, 0, bytes.length, 0, 0)
  return input
}

/** The bytes that messages are sent as. */
export function encoded<Out>(codec: Codec<unknown, Out>, ...messages: Out[]): Buffer {
  return Buffer.concat(messages.map((message) => encodedAlone(codec as Encoder, message)))
}

/** Cut before each of the places, which ascend. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places, bytes.length]
  return edges.slice(1).map((to, i) => bytes.subarray(edges[i], to))
}

export function byteByByte(bytes: Buffer): Buffer[] {
  return [...bytes.keys()].map((at) => bytes.subarray(at, at + 1))
}

/** Whole, in two at each place, and byte by byte. */
export function everySplit(bytes: Buffer): Buffer[][] {
  const inTwo = [...bytes.keys()].slice(1).map((place) => cutAt(bytes, [place]))
  return [[bytes], ...inTwo, byteByByte(bytes)]
}

/** drive(), which must come to the same for every split; nothing may be kept above the codec's limit. */
export function driveEverySplit(codec: Codec<unknown, never>, bytes: string | Buffer) {
  const stream = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  const results = everySplit(stream).map((chunks) => {
    const { messages, wrong, keptMax } = drive(codec, chunks)
    if (keptMax > codec.maxFrameBytes) {
      throw new Error(`${keptMax} bytes were kept; the limit is ${codec.maxFrameBytes}`)
    }
    return JSON.stringify({ messages, wrong })
  })
  const different = results.findIndex((result) => result !== results[0])
  if (different >= 0) {
    throw new Error(`split ${different} gives ${results[different]}, not ${results[0]}`)
  }
  return JSON.parse(results[0] as string) as Pick<Decoded, 'messages' | 'wrong'>
}
