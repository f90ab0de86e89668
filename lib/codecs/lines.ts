import { booleanOption, choiceOption } from '../core/validate.js'
import type { Codec } from './codec.js'
import { Delimited } from './delimited.js'
import {
  codecOptions,
  type Payload,
  PayloadForm,
  type PayloadType,
  type PayloadTypes,
} from './payload.js'

export interface LinesOptions<As extends PayloadType = 'utf8'> {
  /**
   * What ends a line. 'any': LF, and a CR before it is no part of the line either; LF is sent, and CR LF
   * behind a line that itself ends with a CR. 'lf': LF alone, 'crlf': CR LF alone. Default 'any'.
   */
  newline?: 'any' | 'lf' | 'crlf'
  /** Of one line, without its end; 1 to 2^30, as text to 2^29 - 65536. Default 65536. */
  maxMessageBytes?: number
  /** Lines keep their end. Default false. */
  keep?: boolean
  /** Default 'utf8'. */
  as?: As
}

/** Lines of text. */
export function lines<As extends PayloadType = 'utf8'>(
  options: LinesOptions<As> = {},
): Codec<PayloadTypes[As], Payload> {
  codecOptions('lines', options, ['newline', 'maxMessageBytes', 'keep', 'as'])
  const { maxMessageBytes, keep = false } = options
  const form = new PayloadForm<As>('lines', options.as, 'utf8' as As)
  const newline = choiceOption('lines: newline', options.newline ?? 'any', ['any', 'lf', 'crlf'])
  return new Delimited(
    Uint8Array.from(Buffer.from(newline === 'crlf' ? '\r\n' : '\n')),
    form.maxMessageBytes(maxMessageBytes),
    booleanOption('lines: keep', keep),
    newline === 'any',
    form,
  )
}
