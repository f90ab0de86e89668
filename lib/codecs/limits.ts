/** What a message may have unless a codec is told otherwise. */
export const MESSAGE_BYTES_DEFAULT = 65_536
/** What it may be told. */
export const MESSAGE_BYTES_MAX = 2 ** 30
