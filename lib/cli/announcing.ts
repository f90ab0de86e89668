import type { Handler } from '../core/contract.js'
import { HANDLER_METHODS } from '../core/options.js'
import { makeReader, type ReadingHandler } from '../core/reader.js'
import type { Output } from './output.js'

/** The same handler, whose openings are printed. Its methods keep their `this`, whatever it is. */
export function announcing(handler: Handler, output: Output): Handler {
  const announced: ReadingHandler = {}
  for (const name of HANDLER_METHODS) {
    const method = handler[name] as ((...args: never[]) => unknown) | undefined
    if (method !== undefined) {
      Object.assign(announced, { [name]: method.bind(handler) })
    }
  }
  const reading = handler as ReadingHandler
  if (reading[makeReader] !== undefined) {
    announced[makeReader] = reading[makeReader].bind(handler)
  }
  const { open } = announced
  announced.open = (connection) => {
    const { id, remoteAddress, remotePort } = connection
    output.print({ event: 'open', id, remoteAddress, remotePort })
    return open?.(connection)
  }
  return announced
}
