import type { CloseOptions } from '../core/contract.js'
import { DEADLINE_MS_DEFAULT, DEADLINE_MS_MAX, PER_SECOND_MAX } from '../core/drain.js'
import { MESSAGE_BYTES_MAX } from '../core/limits.js'
import { countArgument, durationArgument } from './quantities.js'
import { badArgument } from './usage.js'

export const DRAIN_DEFAULT = `${DEADLINE_MS_DEFAULT / 1000}s`

/** How a server ends, as it is given on the command line. */
export interface RawDrain {
  drain: string
  drainPerSecond?: string
  goodbye?: string
}

export function drainArguments({ drain, drainPerSecond, goodbye }: RawDrain): CloseOptions {
  const options: CloseOptions = { deadlineMs: durationArgument('--drain', drain, 0) }
  if ((options.deadlineMs as number) > DEADLINE_MS_MAX) {
    throw badArgument('--drain', drain, `at most ${DEADLINE_MS_MAX} ms (24.8 days)`)
  }
  if (drainPerSecond !== undefined) {
    options.perSecond = countArgument('--drain-per-second', drainPerSecond, PER_SECOND_MAX)
  }
  if (goodbye !== undefined) {
    const bytes = Buffer.byteLength(goodbye)
    if (bytes === 0 || bytes > MESSAGE_BYTES_MAX) {
      throw badArgument('--goodbye', goodbye, `1 to ${MESSAGE_BYTES_MAX} bytes of text`)
    }
    options.message = goodbye
  }
  return options
}
