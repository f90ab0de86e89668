import type { Handler } from '../core/contract.js'
import { unknownProtocol } from '../core/errors.js'
import { discard } from './discard.js'
import { echo } from './echo.js'
import { chatRoom } from './lines.js'
import { presence } from './presence.js'
import type { Protocol } from './protocol.js'
import { resp } from './resp/index.js'

/** A handler, with what it asks of its server if it was made by protocol(). */
export type ServedProtocol = Handler & Pick<Partial<Protocol<unknown>>, 'options'>

/** Made for each server anew: what its connections share, such as a room, is the server's own. */
const PROTOCOLS: Readonly<Record<string, () => ServedProtocol>> = {
  echo: () => echo,
  discard: () => discard,
  lines: () => chatRoom() as unknown as ServedProtocol,
  presence: () => presence() as unknown as ServedProtocol,
  resp: () => resp() as unknown as ServedProtocol,
}

export const PROTOCOL_NAMES: readonly string[] = Object.keys(PROTOCOLS)

/** @throws HoldfastRangeError ERR_HOLDFAST_UNKNOWN_PROTOCOL with the list of known ones */
export function protocolNamed(name: string): ServedProtocol {
  const make = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined
  if (make === undefined) {
    throw unknownProtocol(name, PROTOCOL_NAMES)
  }
  return make()
}
