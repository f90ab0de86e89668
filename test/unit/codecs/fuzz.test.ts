import { expect, test } from 'vitest'
import {
  type Codec,
  counted,
  delimited,
  fixed,
  lengthPrefixed,
  lines,
  netstring,
  type PayloadType,
} from '../../../lib/codecs/index.js'
import { fuzz, type Target } from '../../support/codec-fuzz.js'
import {
  countedReference,
  delimitedReference,
  fixedReference,
  prefixedReference,
} from '../../support/codec-references.js'

const CASES = 1_500
const MAX = 6
const LENGTHS = ['truncated', 'limited'] as const
const ANY = ['truncated', 'limited', 'malformed'] as const
const MESSAGE = { maxMessageBytes: MAX }

function textTarget(name: string, codec: Codec<unknown, never>, keep: boolean): Target {
  const dropsCr = name.includes('any')
  const delimiter = name.startsWith('crlf') ? '\r\n' : '\n'
  const reference = delimitedReference(delimiter, MAX, { keep, dropsCr })
  const hostile = [
    '\r\n',
    '\r\r\n',
    '\n',
    '\r',
    'aaaaaa\r',
    'aaaaaaa\n',
    'aaaaaa\r\n',
    '\r\r\r\r\r\r\r\n',
  ]
  return { name, codec, reference, alphabet: 'ab\r\n', lengthMax: MAX + 2, hostile, ends: LENGTHS }
}

function byDelimiter(delimiter: string, keep: boolean, as: PayloadType): Target {
  return {
    name: `delimited by ${delimiter}, keep ${keep}`,
    codec: delimited({ delimiter, keep, as, ...MESSAGE }),
    reference: delimitedReference(delimiter, MAX, { keep }),
    alphabet: 'abc',
    lengthMax: MAX + 2,
    hostile: [delimiter, delimiter.slice(1), delimiter.slice(0, -1), 'cccccc', 'ccccccc'],
    ends: LENGTHS,
  }
}

type Prefix = Parameters<typeof prefixedReference>[0]

function byPrefix(prefix: Prefix, as: PayloadType, ends: Target['ends'] = ANY): Target {
  const maxMessageBytes = MAX + (prefix.stripBytes === undefined ? 0 : 8)
  return {
    name: `lengthPrefixed ${JSON.stringify(prefix)}`,
    codec: lengthPrefixed({ ...prefix, maxMessageBytes, as }),
    reference: prefixedReference(prefix, maxMessageBytes),
    alphabet: '\0\x01\x02\x05\x06\x07\x80\xff',
    lengthMax: maxMessageBytes + 2,
    hostile: [
      '\xff'.repeat(8),
      '\0'.repeat(8),
      '\x7f',
      '\x80\x01',
      '\x80\0',
      '\x80\x80\x80\x80\x10',
    ],
    ends,
  }
}

const HTTP = { radix: 16, separator: '\r\n', terminator: '\r\n' } as const
const RESP = { prefix: '$', separator: '\r\n', terminator: '\r\n' } as const

const TARGETS: Target[] = [
  textTarget('any', lines({ ...MESSAGE, as: 'latin1' }), false),
  textTarget('any keep', lines({ ...MESSAGE, keep: true, as: 'slice' }), true),
  textTarget('lf', lines({ ...MESSAGE, newline: 'lf', as: 'buffer' }), false),
  textTarget('crlf', lines({ ...MESSAGE, newline: 'crlf', as: 'latin1' }), false),
  byDelimiter('aab', false, 'latin1'),
  byDelimiter('aab', true, 'buffer'),
  byDelimiter('aa', false, 'slice'),
  byPrefix({ lengthBytes: 1 }, 'latin1', LENGTHS),
  byPrefix({ lengthBytes: 2, adjustmentBytes: -3, endian: 'little' }, 'buffer'),
  byPrefix({ lengthBytes: 3, offsetBytes: 2, stripBytes: 1 }, 'latin1', LENGTHS),
  byPrefix({ lengthBytes: 4, offsetBytes: 1, adjustmentBytes: 2, stripBytes: 9 }, 'slice'),
  byPrefix({ lengthBytes: 8 }, 'buffer', LENGTHS),
  byPrefix({ lengthBytes: 'varint' }, 'latin1'),
  byPrefix({ lengthBytes: 'varint', offsetBytes: 1, stripBytes: 0, adjustmentBytes: -1 }, 'buffer'),
  byPrefix({ lengthBytes: 'varint', offsetBytes: 2, adjustmentBytes: 1 }, 'latin1'),
  {
    name: 'fixed',
    codec: fixed({ bytes: MAX, as: 'latin1' }),
    reference: fixedReference(MAX),
    alphabet: 'ab',
    lengthMax: MAX + 1,
    hostile: ['aaaaa'],
    ends: ['truncated'],
  },
  {
    name: 'netstring',
    codec: netstring({ maxMessageBytes: 12, as: 'latin1' }),
    reference: countedReference({ separator: ':', terminator: ',' }, 12),
    alphabet: '01:,a',
    lengthMax: 14,
    hostile: ['13:', '-1:', ':', '01:a,', '99999999999999999999:', '0:,', '00:,', '3:abc;'],
    ends: ANY,
  },
  {
    name: 'counted, chunks of HTTP',
    codec: counted({ ...HTTP, maxMessageBytes: 18, as: 'buffer' }),
    reference: countedReference(HTTP, 18),
    alphabet: '0aF\r\n',
    lengthMax: 20,
    hostile: ['13\r\n', 'A\r\n0123456789\r\n', 'a;', 'ffffffffffffffffffff', '0\r\n\r\n', '\r\n'],
    ends: ANY,
  },
  {
    name: 'counted, bulk strings of RESP',
    codec: counted({ ...RESP, ...MESSAGE, as: 'slice' }),
    reference: countedReference(RESP, MAX),
    alphabet: '$1\r\n',
    lengthMax: MAX + 1,
    hostile: ['$-1\r\n', '$7\r\n', '*1\r\n', '$1\r\na\n', '$', '$1\r\r'],
    ends: ANY,
  },
]

for (const [index, target] of TARGETS.entries()) {
  test(`${target.name}: any bytes in any chunks are what a plain decoder says`, () => {
    const { problem, seen } = fuzz(target, CASES, 1_000 + index)
    expect(problem).toBeNull()
    const least = Math.min(seen.messages, ...target.ends.map((end) => seen[end]))
    expect(least, JSON.stringify(seen)).toBeGreaterThan(CASES / 50)
  })
}

test('there are twenty thousand cases at least', () => {
  expect(TARGETS.length * CASES).toBeGreaterThanOrEqual(20_000)
})

const named = (name: string) => TARGETS.find((target) => target.name === name) as Target

/** The codec of a target, with a bug. */
function broken(
  name: string,
  bug: (codec: Codec<unknown, never>) => Partial<Codec<unknown, never>>,
) {
  const target = named(name)
  const { codec } = target
  const { maxFrameBytes, borrows } = codec
  const decode = codec.decode.bind(codec)
  const encode = codec.encode.bind(codec)
  return { ...target, codec: { maxFrameBytes, borrows, decode, encode, ...bug(codec) } }
}

const BUGS: [what: string, target: Target][] = [
  [
    'bytes in which a delimiter may have begun are not looked at again',
    broken('delimited by aab, keep false', (codec) => ({
      decode(input) {
        const message = codec.decode(input)
        input.scanned = input.length
        return message
      },
    })),
  ],
  [
    'a limit that is one too high',
    {
      ...named('lengthPrefixed {"lengthBytes":8}'),
      codec: lengthPrefixed({ lengthBytes: 8, maxMessageBytes: MAX + 1 }),
    },
  ],
  ['messages that keep what they say they only borrow', broken('fixed', () => fixedThatKeeps())],
  [
    'the offset of another byte',
    broken('netstring', (codec) => ({
      decode(input) {
        const at = input.start
        try {
          return codec.decode(input)
        } catch {
          throw input.malformed('wrong', { at })
        }
      },
    })),
  ],
  [
    'a byte too much is looked at',
    broken('lf', (codec) => ({
      decode(input) {
        input.end++
        const message = codec.decode(input)
        input.end--
        return message
      },
    })),
  ],
  [
    'what is sent cannot be read',
    broken('any', () => ({ encode: (message, output) => output.text(`${message}`) })),
  ],
]

function fixedThatKeeps() {
  const codec = fixed({ bytes: MAX, as: 'buffer' })
  return { borrows: true, decode: codec.decode.bind(codec) }
}

test.each(BUGS)('the fuzzer sees a planted bug: %s', (_, target) => {
  expect(fuzz(target, CASES, 1).problem).not.toBeNull()
})
