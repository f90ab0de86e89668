import { Buffer } from 'node:buffer'
import { optionType, printValue, unfitMessage } from '../core/errors.js'
import { ProtocolError } from '../core/protocol-error.js'
import { functionOption, integerOption } from '../core/validate.js'
import type { Codec } from './codec.js'
import { isDeeperText, isDeeperValue, mayNestDeeper } from './json-depth.js'
import { lines } from './lines.js'
import { mapped } from './mapped.js'
import { codecOptions, type Payload } from './payload.js'
import { Slice } from './slice.js'

const DEPTH_DEFAULT = 100
/** As deep as V8 and recursive code can surely go. */
const DEPTH_MAX = 1000

export interface JsonOptions<Value = unknown> {
  /**
   * Makes what a client has sent the value that it should be: without it anything may come.
   * @throws ProtocolError for what it should not be
   */
  check?: (value: unknown) => Value
  /** How deep arrays and objects may nest, 1 to 1000; `[]` is 1 deep. Default 100. */
  maxDepth?: number
}

/** Values as JSON (RFC 8259) in messages of text, or of bytes that are UTF-8; by default in lines. */
export function json<Value = unknown>(
  codec: Codec<Payload, string> = lines(),
  options: JsonOptions<Value> = {},
): Codec<Value, unknown> {
  codecOptions('json', options, ['check', 'maxDepth'])
  const { check = (value: unknown) => value as Value, maxDepth = DEPTH_DEFAULT } = options
  functionOption('json: check', check)
  integerOption('json: maxDepth', maxDepth, 1, DEPTH_MAX)
  return mapped<Payload, string, Value, unknown>(codec, {
    decode: (message) => check(parse(textOf(message), maxDepth)),
    encode: (value) => stringify(value, maxDepth),
  })
}

function textOf(message: Payload): string {
  if (message instanceof Uint8Array) {
    return Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString()
  }
  if (typeof message === 'string' || message instanceof Slice) {
    return message.toString()
  }
  throw optionType('the messages of the codec of json()', message, 'strings or bytes')
}

function parse(text: string, maxDepth: number): unknown {
  const value = parseText(text)
  if (mayNestDeeper(text, maxDepth) && isDeeperValue(value, maxDepth)) {
    throw new ProtocolError(tooDeep(maxDepth), { limit: maxDepth })
  }
  return value
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of JSON.parse says where in the text, whatever that is: long, or of control characters.
    throw new ProtocolError(`a message that is no JSON: ${printValue(text)}`)
  }
}

function stringify(value: unknown, maxDepth: number): string {
  const text = jsonOf(value)
  if (text === undefined) {
    throw unfitMessage(`JSON has no ${printValue(value)}`)
  }
  if (mayNestDeeper(text, maxDepth) && isDeeperText(text, maxDepth)) {
    throw unfitMessage(tooDeep(maxDepth))
  }
  return text
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) as string | undefined
  } catch (error) {
    // Too deep for its stack, or too long for a string.
    throw error instanceof RangeError ? unfitMessage(`JSON.stringify: ${error.message}`) : error
  }
}

function tooDeep(maxDepth: number): string {
  return `arrays and objects nest deeper than ${maxDepth}`
}
