/** What stands at the beginning of a stream, found slowly: all positions count from there. */
export type Found =
  | { frameBytes: number; message: string }
  | { wrongAt: number; limit: number | null }
  | 'incomplete'

/** A decoder of bytes (as latin1 text) that is plain enough to be seen to be right. */
export type Reference = (stream: string) => Found

/** All of a stream, at whose end the client ends too. */
export function readAll(reference: Reference, stream: string) {
  const messages: string[] = []
  let offset = 0
  while (offset < stream.length) {
    const found = reference(stream.slice(offset))
    if (found === 'incomplete') {
      return { messages, wrong: { offset: stream.length, limit: null } }
    }
    if ('wrongAt' in found) {
      return { messages, wrong: { offset: offset + found.wrongAt, limit: found.limit } }
    }
    messages.push(found.message)
    offset += found.frameBytes
  }
  return { messages, wrong: null }
}

export function delimitedReference(
  delimiter: string,
  max: number,
  { keep = false, dropsCr = false } = {},
): Reference {
  return (stream) => {
    const at = stream.indexOf(delimiter)
    const longest = max + delimiter.length + (dropsCr ? 1 : 0)
    if (at < 0) {
      return stream.length < longest ? 'incomplete' : { wrongAt: max, limit: max }
    }
    const content = dropsCr ? stream.slice(0, at).replace(/\r$/, '') : stream.slice(0, at)
    if (content.length > max) {
      return { wrongAt: max, limit: max }
    }
    const frameBytes = at + delimiter.length
    return { frameBytes, message: keep ? stream.slice(0, frameBytes) : content }
  }
}

interface Prefix {
  lengthBytes: 1 | 2 | 3 | 4 | 8 | 'varint'
  endian?: 'big' | 'little'
  offsetBytes?: number
  adjustmentBytes?: number
  stripBytes?: number
}

export function prefixedReference(prefix: Prefix, max: number): Reference {
  const { lengthBytes, endian = 'big', offsetBytes = 0, adjustmentBytes = 0 } = prefix
  return (stream) => {
    const length =
      lengthBytes === 'varint'
        ? varintAt(stream, offsetBytes)
        : uintAt(stream, offsetBytes, lengthBytes, endian)
    if (length === 'incomplete' || 'wrongAt' in length) {
      return length
    }
    const head = offsetBytes + length.bytes
    const { stripBytes = head } = prefix
    const frame = BigInt(head) + length.value + BigInt(adjustmentBytes)
    if (frame - BigInt(stripBytes) > max) {
      return { wrongAt: offsetBytes, limit: max }
    }
    if (frame < head || frame < stripBytes) {
      return { wrongAt: offsetBytes, limit: null }
    }
    const frameBytes = Number(frame)
    return stream.length < frameBytes
      ? 'incomplete'
      : { frameBytes, message: stream.slice(stripBytes, frameBytes) }
  }
}

type Number_ = { bytes: number; value: bigint } | { wrongAt: number; limit: null } | 'incomplete'

function uintAt(stream: string, at: number, width: number, endian: 'big' | 'little'): Number_ {
  const bytes = Buffer.from(stream.slice(at, at + width), 'latin1')
  if (bytes.length < width) {
    return 'incomplete'
  }
  const big = endian === 'big' ? bytes : bytes.reverse()
  return { bytes: width, value: BigInt(`0x${big.toString('hex')}`) }
}

function varintAt(stream: string, at: number): Number_ {
  let value = 0n
  for (let i = 0; at + i < stream.length; i++) {
    const byte = stream.charCodeAt(at + i)
    value += BigInt(byte & 0x7f) << BigInt(7 * i)
    // Beyond 32 bits, or going on to a sixth byte.
    if (value >= 2n ** 32n || (i === 4 && byte >= 0x80) || (i > 0 && byte === 0)) {
      return { wrongAt: at + i, limit: null }
    }
    if (byte < 0x80) {
      return { bytes: i + 1, value }
    }
  }
  return 'incomplete'
}

export function fixedReference(bytes: number): Reference {
  return (stream) =>
    stream.length < bytes ? 'incomplete' : { frameBytes: bytes, message: stream.slice(0, bytes) }
}

interface Marks {
  prefix?: string
  radix?: 10 | 16
  separator: string
  terminator?: string
}

export function countedReference(marks: Marks, max: number): Reference {
  const { prefix = '', radix = 10, separator, terminator = '' } = marks
  const isDigit = (char: string) => (radix === 10 ? /[0-9]/ : /[0-9a-fA-F]/).test(char)
  return (stream) => {
    let at = 0
    /** Where the stream is not that text; null: it has not come to its end. */
    const expect = (text: string): { wrongAt: number; limit: null } | 'incomplete' | null => {
      for (const char of text) {
        if (at >= stream.length) return 'incomplete'
        if (stream[at] !== char) return { wrongAt: at, limit: null }
        at++
      }
      return null
    }
    const broken = expect(prefix)
    if (broken !== null) return broken
    let digits = ''
    for (; at < stream.length && isDigit(stream[at] as string); at++) {
      if (digits === '0') return { wrongAt: at, limit: null }
      digits += stream[at]
      if (Number.parseInt(digits, radix) > max) return { wrongAt: at, limit: max }
    }
    if (at >= stream.length) return 'incomplete'
    if (digits === '') return { wrongAt: at, limit: null }
    const apart = expect(separator)
    if (apart !== null) return apart
    const length = Number.parseInt(digits, radix)
    const message = stream.slice(at, at + length)
    if (message.length < length) return 'incomplete'
    at += length
    return expect(terminator) ?? { frameBytes: at, message }
  }
}
