import type { Codec } from '../codecs/codec.js'
import type { Handler } from '../core/contract.js'
import { optionRange, optionType } from '../core/errors.js'
import { type Encoder, encoded } from '../core/output.js'
import { makeReader, type ReadingHandler } from '../core/reader.js'
import { checkOptionNames, functionOption, integerOption, objectOption } from '../core/validate.js'
import type { ProtocolConnection, ProtocolDefinition, ProtocolOptions } from './definition.js'
import { ProtocolReader } from './protocol-reader.js'

/** A handler made of a codec and a definition. */
export interface Protocol<In, Out = In, State = unknown> extends Handler<State> {
  readonly codec: Codec<In, Out>
  readonly options: ProtocolOptions
  /** The bytes of one message, for server.broadcast(). */
  encode(message: Out): Buffer
}

const METHODS = [
  ...['state', 'open', 'message', 'answer', 'malformed', 'drain', 'end', 'heartbeat'],
  ...['goodbye', 'close'],
] as const
const NAMES = ['codec', 'concurrency', 'options', ...METHODS]
const CONCURRENCY_MAX = 65_536

/**
 * Makes the handler of a protocol.
 * @throws HoldfastTypeError, HoldfastRangeError naming what is missing or wrong
 */
export function protocol<In, Out = In, State = undefined>(
  definition: ProtocolDefinition<In, Out, State>,
): Protocol<In, Out, State> {
  const given = objectOption('protocol', definition)
  checkOptionNames('protocol', given, NAMES)
  checkCodec(given.codec)
  for (const name of METHODS) {
    if (given[name] !== undefined) {
      functionOption(`protocol.${name}`, given[name])
    }
  }
  if ((definition.message === undefined) === (definition.answer === undefined)) {
    const allowed = 'a function, and either it or protocol.answer must be there'
    throw optionType('protocol.message', definition.message, allowed)
  }
  const { codec, state, concurrency = 1, options = {} } = definition
  integerOption('protocol.concurrency', concurrency, 1, CONCURRENCY_MAX)
  objectOption('protocol.options', options)
  // The connection is the server's own, which sends by the codec of the handler: this one.
  const own = definition as unknown as ProtocolDefinition<unknown, unknown, unknown>
  const handler: ReadingHandler & Handler = {
    open(connection) {
      if (state !== undefined) {
        connection.data = state(connection)
      }
      return own.open?.(connection as ProtocolConnection<unknown>)
    },
    [makeReader]: (home) => new ProtocolReader(own, home),
  }
  for (const [name, method] of HANDLED) {
    const call = own[method] as ((...args: never[]) => unknown) | undefined
    if (call !== undefined) {
      Object.assign(handler, { [name]: call.bind(definition) })
    }
  }
  const encode = (message: Out): Buffer => encoded(codec as Encoder, message)
  return Object.assign(handler as Handler<State>, { codec, options, encode })
}

/** Methods of a handler, and of a definition, that mean the same. */
const HANDLED = [
  ['drain', 'drain'],
  ['end', 'end'],
  ['heartbeat', 'heartbeat'],
  ['shutdown', 'goodbye'],
  ['close', 'close'],
] as const

function checkCodec(codec: unknown): void {
  const given = objectOption('protocol.codec', codec)
  functionOption('protocol.codec.decode', given.decode)
  functionOption('protocol.codec.encode', given.encode)
  if (!Number.isSafeInteger(given.maxFrameBytes) || (given.maxFrameBytes as number) < 1) {
    throw optionRange('protocol.codec.maxFrameBytes', given.maxFrameBytes, 'a number of bytes')
  }
}
