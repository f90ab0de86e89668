// Imported, because the global is a getter that is run on each use.
import { Buffer } from 'node:buffer'

/** Of one command, its name among them. */
export const ARGUMENTS_MAX = 1024

const NO_BYTES = Buffer.alloc(0)
const CASE_BIT = 0x20
const LETTER_A = 0x61

/**
 * A command where its bytes were received: read it before answer() returns. One object serves all
 * connections, so that a command costs no memory but what it asks for.
 */
export class Request {
  bytes: Buffer = NO_BYTES
  /** Of the arguments, the name at 0. 0: nothing was asked, as by an empty line. */
  count = 0
  readonly starts = new Int32Array(ARGUMENTS_MAX)
  readonly ends = new Int32Array(ARGUMENTS_MAX)

  /** Every byte is one character, so that keys and values may be any bytes. */
  text(index: number): string {
    return this.bytes.toString('latin1', this.starts[index] as number, this.ends[index] as number)
  }

  /** In lower case: the names of commands and of their options. */
  word(index: number): string {
    return this.text(index).toLowerCase()
  }

  length(index: number): number {
    return (this.ends[index] as number) - (this.starts[index] as number)
  }

  /** A whole number that JavaScript counts exactly; NaN for anything else. */
  integer(index: number): number {
    return integerOf(this.text(index))
  }

  /** wordHash() of an argument, without making a string of it. */
  hash(index: number): number {
    const { bytes } = this
    const end = this.ends[index] as number
    let hash = 0
    for (let at = this.starts[index] as number; at < end; at++) {
      hash = (Math.imul(hash, 31) + ((bytes[at] as number) | CASE_BIT)) | 0
    }
    return hash
  }

  /** Whether an argument is this word, which is in lower case; letters of both cases are the same. */
  is(index: number, word: string): boolean {
    const { bytes } = this
    const start = this.starts[index] as number
    if (this.length(index) !== word.length) {
      return false
    }
    for (let i = 0; i < word.length; i++) {
      const byte = bytes[start + i] as number
      const char = word.charCodeAt(i)
      // With the case bit set other bytes look like a digit.
      if (byte !== char && (char < LETTER_A || (byte | CASE_BIT) !== char)) {
        return false
      }
    }
    return true
  }
}

/** Of a word in lower case. Words in other letters can have the same: then is() tells. */
export function wordHash(word: string): number {
  let hash = 0
  for (let i = 0; i < word.length; i++) {
    hash = (Math.imul(hash, 31) + word.charCodeAt(i)) | 0
  }
  return hash
}

export function integerOf(text: string): number {
  const value = /^(?:0|-?[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : Number.NaN
}
