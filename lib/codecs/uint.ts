/** A whole number of 1 to 8 bytes; above 2^53 it is not exact, and still larger than any limit. */
export function readUint(bytes: Buffer, at: number, width: number, littleEndian: boolean): number {
  if (width === 4) {
    const high = (bytes[littleEndian ? at + 3 : at] as number) * 2 ** 24
    const middle = littleEndian
      ? ((bytes[at + 2] as number) << 16) | ((bytes[at + 1] as number) << 8)
      : ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8)
    return high + (middle | (bytes[littleEndian ? at : at + 3] as number))
  }
  let value = 0
  for (let i = 0; i < width; i++) {
    value = value * 256 + (bytes[littleEndian ? at + width - 1 - i : at + i] as number)
  }
  return value
}

/** `value` must fit, and be below 2^53; `bytes` must have room. */
export function writeUint(
  bytes: Buffer,
  at: number,
  value: number,
  width: number,
  littleEndian: boolean,
): void {
  let low = value >>> 0
  for (let i = 0; i < width; i++) {
    if (i === 4) {
      low = Math.floor(value / 2 ** 32)
    }
    bytes[littleEndian ? at + i : at + width - 1 - i] = low
    low >>>= 8
  }
}
