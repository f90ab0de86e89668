import { printValue, unfitMessage } from '../core/errors.js'
import { ProtocolError } from '../core/protocol-error.js'
import { checkOptionNames, functionOption, objectOption } from '../core/validate.js'
import type { Codec } from './codec.js'
import { lines } from './lines.js'
import { mapped } from './mapped.js'

export interface JsonOptions<Value = unknown> {
  /**
   * Makes what a client has sent the value that it should be: without it anything may come.
   * @throws ProtocolError for what it should not be
   */
  check?: (value: unknown) => Value
}

/** Values as JSON (RFC 8259) in messages of text, by default in lines. */
export function json<Value = unknown>(
  codec: Codec<string, string> = lines(),
  options: JsonOptions<Value> = {},
): Codec<Value, unknown> {
  checkOptionNames('json', objectOption('json', options), ['check'])
  const { check = (value: unknown) => value as Value } = options
  functionOption('check', check)
  return mapped<string, string, Value, unknown>(codec, {
    decode: (text) => check(parse(text)),
    encode: stringify,
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of JSON.parse says where in the text, whatever that is: long, or of control characters.
    throw new ProtocolError(`a message that is no JSON: ${printValue(text)}`)
  }
}

function stringify(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) {
    throw unfitMessage(`JSON has no ${printValue(value)}`)
  }
  return text
}
