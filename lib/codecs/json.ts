import { Buffer } from 'node:buffer'
import { optionType, printValue, unfitMessage } from '../core/errors.js'
import { ProtocolError } from '../core/protocol-error.js'
import { functionOption } from '../core/validate.js'
import type { Codec } from './codec.js'
import { lines } from './lines.js'
import { mapped } from './mapped.js'
import { codecOptions, type Payload } from './payload.js'
import { Slice } from './slice.js'

export interface JsonOptions<Value = unknown> {
  /**
   * Makes what a client has sent the value that it should be: without it anything may come.
   * @throws ProtocolError for what it should not be
   */
  check?: (value: unknown) => Value
}

/** Values as JSON (RFC 8259) in messages of text, or of bytes that are UTF-8; by default in lines. */
export function json<Value = unknown>(
  codec: Codec<Payload, string> = lines(),
  options: JsonOptions<Value> = {},
): Codec<Value, unknown> {
  codecOptions('json', options, ['check'])
  const { check = (value: unknown) => value as Value } = options
  functionOption('json: check', check)
  return mapped<Payload, string, Value, unknown>(codec, {
    decode: (message) => check(parse(textOf(message))),
    encode: stringify,
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
