/** Longer lines end the connection that sends them: the error below becomes handler-error. */
const LINE_CHARS_MAX = 4_096

/** What is kept of a connection between two chunks. */
export interface Unfinished {
  line: string
}

/**
 * The lines that `chunk` completes; the rest waits in `unfinished`. TCP keeps no boundaries, so a
 * line may come in several chunks and a chunk may hold several lines. Read as latin1 and sent on as
 * latin1 the bytes stay what they are, also where a chunk cuts a UTF-8 character in two.
 */
export function linesOf(unfinished: Unfinished, chunk: Buffer): string[] {
  const lines = (unfinished.line + chunk.toString('latin1')).split('\n')
  unfinished.line = lines.pop() ?? ''
  if (unfinished.line.length > LINE_CHARS_MAX) {
    throw new Error(`a line is longer than ${LINE_CHARS_MAX} characters`)
  }
  return lines.map((line) => line.trim())
}
