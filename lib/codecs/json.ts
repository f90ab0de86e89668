import { printValue, unfitMessage } from '../core/errors.js'
import { ProtocolError } from '../core/protocol-error.js'
import { checkOptionNames, functionOption, integerOption, objectOption } from '../core/validate.js'
import type { Codec } from './codec.js'
import { isDeeperText, isDeeperValue, mayNestDeeper } from './json-depth.js'
import { lines } from './lines.js'
import { mapped } from './mapped.js'

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

/** Values as JSON (RFC 8259) in messages of text, by default in lines. */
export function json<Value = unknown>(
  codec: Codec<string, string> = lines(),
  options: JsonOptions<Value> = {},
): Codec<Value, unknown> {
  checkOptionNames('json', objectOption('json', options), ['check', 'maxDepth'])
  const { check = (value: unknown) => value as Value, maxDepth = DEPTH_DEFAULT } = options
  functionOption('check', check)
  integerOption('maxDepth', maxDepth, 1, DEPTH_MAX)
  return mapped<string, string, Value, unknown>(codec, {
    decode: (text) => check(parse(text, maxDepth)),
    encode: (value) => stringify(value, maxDepth),
  })
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
  const text = textOf(value)
  if (text === undefined) {
    throw unfitMessage(`JSON has no ${printValue(value)}`)
  }
  if (mayNestDeeper(text, maxDepth) && isDeeperText(text, maxDepth)) {
    throw unfitMessage(tooDeep(maxDepth))
  }
  return text
}

function textOf(value: unknown): string | undefined {
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
