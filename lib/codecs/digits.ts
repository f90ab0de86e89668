import type { Output } from '../core/output.js'

const ZERO = 0x30
const SMALL_A = 0x61
const CASE = 0x20

/** The value of an ASCII digit, hexadecimal ones of both cases for 16; -1: it is none. */
export function digitOf(byte: number, radix: 10 | 16): number {
  if (byte >= ZERO && byte < ZERO + 10) {
    return byte - ZERO
  }
  const small = byte | CASE
  return radix === 16 && small >= SMALL_A && small < SMALL_A + 6 ? small - SMALL_A + 10 : -1
}

/** How many digits a whole number has. */
export function digitsOf(value: number, radix: 10 | 16): number {
  let digits = 1
  for (let left = value; left >= radix; left = Math.floor(left / radix)) {
    digits++
  }
  return digits
}

export function writeDigits(value: number, radix: 10 | 16, output: Output): void {
  const digits = digitsOf(value, radix)
  output.need(digits)
  const { bytes } = output
  let left = value
  for (let at = output.at + digits - 1; at >= output.at; at--) {
    const digit = left % radix
    bytes[at] = digit < 10 ? ZERO + digit : SMALL_A + digit - 10
    left = Math.floor(left / radix)
  }
  output.at += digits
}
