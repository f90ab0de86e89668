import { Buffer } from 'node:buffer'
import type { Output } from '../../core/output.js'

const MINUS = 0x2d
const DOLLAR = 0x24
const COLON = 0x3a
const STAR = 0x2a
const CR = 0x0d
const LF = 0x0a
const ZERO = 0x30
/** A sign, a type, 16 digits and two line ends. */
const HEADER_BYTES_MAX = 32
const NIL = Buffer.from('$-1\r\n')

/** A line of text that says how it went, encoded once. */
export class Line {
  readonly bytes: Buffer

  constructor(sign: '+' | '-', text: string) {
    // What a client sent may stand in an error, and must not end its line.
    this.bytes = Buffer.from(`${sign}${text.replace(/[\r\n]/g, ' ')}\r\n`, 'latin1')
  }
}

/** A string has one byte a character; null is the nil of RESP2. */
export type Reply = string | number | null | Line | readonly Reply[]

export function failure(text: string): Line {
  return new Line('-', text)
}

export const OK = new Line('+', 'OK')
export const PONG = new Line('+', 'PONG')
export const NO_INTEGER = failure('ERR value is not an integer or out of range')
export const SYNTAX = failure('ERR syntax error')

export function putReply(reply: Reply, output: Output): void {
  if (reply instanceof Line) {
    output.put(reply.bytes)
  } else if (typeof reply === 'string') {
    putHeader(output, DOLLAR, reply.length)
    output.text(reply, 'latin1')
    output.need(2)
    putLineEnd(output)
  } else if (typeof reply === 'number') {
    putHeader(output, COLON, reply)
  } else if (reply === null) {
    output.put(NIL)
  } else {
    putHeader(output, STAR, reply.length)
    for (const one of reply) {
      putReply(one, output)
    }
  }
}

function putHeader(output: Output, type: number, value: number): void {
  output.need(HEADER_BYTES_MAX)
  output.bytes[output.at++] = type
  putInteger(output, value)
  putLineEnd(output)
}

function putLineEnd(output: Output): void {
  const { bytes, at } = output
  bytes[at] = CR
  bytes[at + 1] = LF
  output.at = at + 2
}

/** Digit by digit from the last: no string is made. */
function putInteger(output: Output, value: number): void {
  const { bytes } = output
  let left = value
  if (value < 0) {
    bytes[output.at++] = MINUS
    left = -value
  }
  let digits = 1
  for (let bound = 10; left >= bound; bound *= 10) {
    digits++
  }
  for (let at = output.at + digits - 1; at >= output.at; at--) {
    const next = Math.floor(left / 10)
    bytes[at] = ZERO + (left - 10 * next)
    left = next
  }
  output.at += digits
}
