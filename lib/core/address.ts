const V4_MAPPED_ZERO_BYTES = 10

/** Dotted decimal of the four bytes at `offset`. */
export function formatIPv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`
}

/**
 * Canonical text of the 16 bytes at `offset` (RFC 5952): lower case, no leading zeros, the first
 * longest run of two or more zero groups as `::`, and v4-mapped addresses as ::ffff:a.b.c.d.
 */
export function formatIPv6(bytes: Uint8Array, offset: number): string {
  if (isV4Mapped(bytes, offset)) {
    return `::ffff:${formatIPv4(bytes, offset + 12)}`
  }
  const groups: number[] = []
  for (let at = offset; at < offset + 16; at += 2) {
    groups.push(((bytes[at] as number) << 8) | (bytes[at + 1] as number))
  }
  const [start, length] = longestZeroRun(groups)
  if (length < 2) {
    return hex(groups)
  }
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}

/** ::ffff:a.b.c.d, as a dual-stack socket has its IPv4 clients (RFC 4291). */
export function isV4Mapped(bytes: Uint8Array, offset: number): boolean {
  for (let at = offset; at < offset + V4_MAPPED_ZERO_BYTES; at++) {
    if (bytes[at] !== 0) {
      return false
    }
  }
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let bestStart = 0
  let bestLength = 0
  let length = 0
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0
    if (length > bestLength) {
      bestLength = length
      bestStart = index - length + 1
    }
  })
  return [bestStart, bestLength]
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':')
}
