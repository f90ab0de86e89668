import { PROTOCOL_NAMES } from '../protocols/index.js'
import { badArgument } from './usage.js'

export const PROTOCOL_ALLOWED = `one of ${PROTOCOL_NAMES.join(', ')}, or a module such as ./protocol.ts`

/** What has a slash, or the ending of a module, is no name of ours. */
export function isPath(text: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(text)
}

export function protocolArgument(text: string): string {
  if (!isPath(text) && !PROTOCOL_NAMES.includes(text)) {
    throw badArgument('--protocol', text, PROTOCOL_ALLOWED)
  }
  return text
}
