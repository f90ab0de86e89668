import { expect, test } from 'vitest'
import { counted, fixed, lengthPrefixed, lines, netstring } from '../../../lib/index.js'
import { driveEverySplit, encoded } from '../../support/codec.js'

type As = 'buffer' | 'slice' | 'utf8' | 'latin1'

const CODECS = {
  lines: (as: As) => lines({ as }),
  netstring: (as: As) => netstring({ as }),
  lengthPrefixed: (as: As) => lengthPrefixed({ lengthBytes: 2, as }),
  varint: (as: As) => lengthPrefixed({ lengthBytes: 'varint', as }),
  counted: (as: As) => counted({ separator: ' ', as }),
}
const each = Object.entries(CODECS)
const unfit = expect.objectContaining({ code: 'ERR_HOLDFAST_MESSAGE' })

test.each(each)(
  '%s: a character that latin1 does not have is refused, wherever it stands',
  (_, make) => {
    const codec = make('latin1')
    for (const text of ['\u0100', `${'a'.repeat(64)}\u20ac`, '\u010ab', '\ud83d\ude00']) {
      expect(() => encoded(codec, text)).toThrow(unfit)
    }
  },
)

test.each(each)('%s: every character that latin1 has is read as it was sent', (_, make) => {
  const text = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
    .join('')
    .replace('\n', '')
  // From a string of two bytes a character as well.
  const wide = `\u0100${text}`.slice(1)
  const stream = encoded(make('latin1'), text, wide)
  expect(driveEverySplit(make('latin1'), stream).messages).toEqual([text, text])
})

test.each(each)('%s: half of a surrogate pair is refused, and a whole one is sent', (_, make) => {
  for (const as of ['utf8', 'buffer', 'slice'] as const) {
    for (const text of ['\ud800', 'a\udc00b', '\ude00\ud83d', `${'\u00e9'.repeat(64)}\ud800`]) {
      expect(() => encoded(make(as), text)).toThrow(unfit)
    }
  }
  const text = 'a\ud83d\ude00\u20ac\u00e9'
  expect(driveEverySplit(make('utf8'), encoded(make('utf8'), text)).messages).toEqual([text])
})

test('a message of fixed length is not shortened to fit', () => {
  expect(() => encoded(fixed({ bytes: 1, as: 'latin1' }), '\u0161')).toThrow(unfit)
})
