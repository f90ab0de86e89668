import type { Handler } from '../core/contract.js'
import { unknownProtocol } from '../core/errors.js'
import { discard } from './discard.js'
import { echo } from './echo.js'

const PROTOCOLS: Readonly<Record<string, Handler>> = { echo, discard }

export const PROTOCOL_NAMES: readonly string[] = Object.keys(PROTOCOLS)

/** @throws HoldfastRangeError ERR_HOLDFAST_UNKNOWN_PROTOCOL with the list of known ones */
export function protocolNamed(name: string): Handler {
  const handler = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined
  if (handler === undefined) {
    throw unknownProtocol(name, PROTOCOL_NAMES)
  }
  return handler
}
