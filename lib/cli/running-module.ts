import { UsageError } from './usage.js'

export type Wrong = (what: string) => UsageError

const NEVER = Symbol('never')

/**
 * Runs code of the module's. What it says of its own protocol() is a mistake in what it exports; anything
 * else that it throws is its own failure, and so is a promise that nothing is left to settle.
 */
export async function running<Result>(
  wrong: Wrong,
  argument: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const failed = (why: string, cause?: unknown): Error =>
    new Error(`--protocol ${JSON.stringify(argument)} failed while loading: ${why}`, { cause })
  let result: Result | typeof NEVER
  try {
    result = await untilIdle(run())
  } catch (error) {
    if (error instanceof UsageError) {
      throw error
    }
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
    if (/^ERR_HOLDFAST_(OPTION|UNKNOWN)_/.test(String(code))) {
      throw wrong(String(message))
    }
    throw failed(`${String(error)}${placeOf(error)}`, error)
  }
  if (result === NEVER) {
    throw failed('it waits for a promise that nothing is left to settle')
  }
  return result
}

/** NEVER once the event loop has nothing more to do: Node would end the process, and say nothing. */
async function untilIdle<Result>(promise: Promise<Result>): Promise<Result | typeof NEVER> {
  let idle = (): void => {}
  const never = new Promise<typeof NEVER>((resolve) => {
    idle = () => resolve(NEVER)
  })
  process.once('beforeExit', idle)
  try {
    return await Promise.race([promise, never])
  } finally {
    process.off('beforeExit', idle)
  }
}

/** Where in somebody's file it was thrown, as ` (PLACE:LINE:COLUMN)`; empty where that is not known. */
function placeOf(error: unknown): string {
  const { stack } = (error ?? {}) as { stack?: unknown }
  const place = /^ +at (?:.* \()?((?:file:|\/|[a-z]:\\)[^\n]*?:\d+:\d+)\)?$/im.exec(
    String(stack),
  )?.[1]
  return place === undefined ? '' : ` (${place})`
}
