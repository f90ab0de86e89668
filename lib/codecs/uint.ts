/** A whole number of 1 to 8 bytes; above 2^53 it is not exact, and still larger than any limit. */
export function readUint(bytes: Buffer, at: number, width: number, littleEndian: boolean): number {
  let value = 0
  for (let i = 0; i < width; i++) {
    value = value * 256 + (bytes[littleEndian ? at + width - 1 - i : at + i] as number)
  }
  return value
}

/** `value` must fit; `bytes` must have room. */
export function writeUint(
  bytes: Buffer,
  at: number,
  value: number,
  width: number,
  littleEndian: boolean,
): void {
  let left = value
  for (let i = 0; i < width; i++) {
    bytes[littleEndian ? at + i : at + width - 1 - i] = left % 256
    left = Math.floor(left / 256)
  }
}
