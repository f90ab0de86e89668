import {
  type Codec,
  counted,
  delimited,
  fixed,
  INCOMPLETE,
  Input,
  json,
  lengthPrefixed,
  lines,
  netstring,
} from '../../lib/codecs/index.js'
import { type Encoder, encoded, Output } from '../../lib/core/output.js'
import type { MicroSuite } from './suite.js'

const MESSAGES = 16
const MESSAGE_BYTES = 64
const text = 'x'.repeat(MESSAGE_BYTES)

/** As messages are handed over most cheaply, as a Buffer, and as text. */
const CODECS: Readonly<Record<string, Codec<unknown, string>>> = {
  'lines, slice': lines({ as: 'slice' }),
  'lines, latin1': lines({ as: 'latin1' }),
  'lines, utf8': lines(),
  'lines, buffer': lines({ as: 'buffer' }),
  'delimited by CR LF, slice': delimited({ delimiter: '\r\n', as: 'slice' }),
  'lengthPrefixed, 2 bytes, slice': lengthPrefixed({ lengthBytes: 2, as: 'slice' }),
  'lengthPrefixed, 4 bytes, slice': lengthPrefixed({ lengthBytes: 4, as: 'slice' }),
  'lengthPrefixed, 4 bytes, buffer': lengthPrefixed({ lengthBytes: 4 }),
  'lengthPrefixed, varint, slice': lengthPrefixed({ lengthBytes: 'varint', as: 'slice' }),
  'fixed, slice': fixed({ bytes: MESSAGE_BYTES, as: 'slice' }),
  'netstring, slice': netstring({ as: 'slice' }),
  'counted as in RESP, slice': counted({
    prefix: '$',
    separator: '\r\n',
    terminator: '\r\n',
    as: 'slice',
  }),
}

function encodedBytes<Out>(codec: Codec<unknown, Out>, message: Out): Buffer {
  return encoded(codec as Encoder, message)
}

/** 16 messages of 64 bytes each, as a pipelining client's arrive in one batch. */
function decodeAll(codec: Codec<unknown, never>, frame: Buffer): () => void {
  const batch = Buffer.concat(Array.from({ length: MESSAGES }, () => frame))
  const input = new Input()
  return () => {
    input.set(batch, 0, batch.length, 0, 0)
    for (let left = MESSAGES; left > 0; left--) {
      if (codec.decode(input) === INCOMPLETE) {
        throw new Error(`${left} messages are missing`)
      }
    }
    if (input.length !== 0) {
      throw new Error(`${input.length} bytes are left`)
    }
  }
}

function encodeAll(codec: Codec<unknown, string>): () => void {
  const output = new Output(Buffer.allocUnsafeSlow(4096), { flush: () => {} })
  return () => {
    for (let left = MESSAGES; left > 0; left--) {
      output.encode(codec as Encoder, text, 0)
    }
  }
}

const decodings = Object.entries(CODECS).map(
  ([name, codec]) => [name, decodeAll(codec, encodedBytes(codec, text))] as const,
)
const record = { id: 12_345, name: 'somebody', to: ['all'], text: 'hello, world' }

/** What a batch of messages costs to decode, without the calls that it leads to. */
export const decoding: MicroSuite = {
  name: `decode ${MESSAGES} messages of ${MESSAGE_BYTES} bytes`,
  cases: {
    ...Object.fromEntries(decodings),
    'json of four fields': decodeAll(json(), encodedBytes(json(), record)),
  },
}

export const encoding: MicroSuite = {
  name: `encode ${MESSAGES} strings of ${MESSAGE_BYTES} bytes`,
  cases: Object.fromEntries(
    Object.entries(CODECS)
      .filter(([name]) => !name.endsWith('buffer'))
      .map(([name, codec]) => [name, encodeAll(codec)]),
  ),
}
