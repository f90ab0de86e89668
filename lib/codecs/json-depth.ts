const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Whether arrays and objects nest deeper than `max` in a text of JSON, seen from its brackets. Of a text
 * that is no JSON it says something or other, and does no harm.
 */
export function nestsDeeper(text: string, max: number): boolean {
  // Each level takes two characters.
  if (text.length <= 2 * max) {
    return false
  }
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      at = endOfString(text, at + 1)
    } else if (char === OPEN_ARRAY || char === OPEN_OBJECT) {
      if (++depth > max) {
        return true
      }
    } else if (char === CLOSE_ARRAY || char === CLOSE_OBJECT) {
      depth--
    }
  }
  return false
}

/** Where its closing quote stands; the end of the text if it has none. */
function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && isEscaped(text, at, from)) {
    at = text.indexOf('"', at + 1)
  }
  return at < 0 ? text.length : at
}

/** By an odd number of backslashes. */
function isEscaped(text: string, at: number, from: number): boolean {
  let first = at
  while (first > from && text.charCodeAt(first - 1) === BACKSLASH) {
    first--
  }
  return (at - first) % 2 === 1
}
