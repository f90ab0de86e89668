import { optionType } from '../core/errors.js'

/**
 * The ways in which a receiver may get the same bytes: whole, in two parts at every point, and byte by
 * byte. A string is taken as utf8, so a part may end within a character. The parts are copies.
 */
export function* everySplit(data: string | Uint8Array): Generator<Buffer[]> {
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
    throw optionType('everySplit: data', data, 'a string or a Uint8Array')
  }
  const bytes = Buffer.from(data as string)
  const part = (from: number, to: number): Buffer => Buffer.from(bytes.subarray(from, to))
  yield [part(0, bytes.length)]
  for (let at = 1; at < bytes.length; at++) {
    yield [part(0, at), part(at, bytes.length)]
  }
  if (bytes.length > 2) {
    yield Array.from(bytes, (_, at) => part(at, at + 1))
  }
}
