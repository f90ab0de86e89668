// Enough to recognise an error by; a client may have chosen the words.
const SHOWN_CHARS_MAX = 300

/** An error, or whatever was thrown, as text; never throws, whatever that is. */
export function errorText(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'a value that cannot be shown'
  }
}

/** For a line of a log: without control characters, and not endless. */
export function inOneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+\s*/gu, ' ')
  return line.length <= SHOWN_CHARS_MAX ? line : `${line.slice(0, SHOWN_CHARS_MAX)}...`
}

/** What an error tells besides its text: those of these that it has. */
export function errorDetails(error: unknown, withStack: boolean): Record<string, unknown> {
  const details: Record<string, unknown> = {}
  for (const name of withStack ? ['code', 'stack'] : ['code', 'offset', 'limit']) {
    try {
      const value = (error as Record<string, unknown> | null | undefined)?.[name]
      if (typeof value === 'string' || typeof value === 'number') {
        details[name] = value
      }
    } catch {
      // A getter of somebody's own that throws has nothing to tell.
    }
  }
  return details
}
