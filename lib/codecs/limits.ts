/** What a message may have unless a codec is told otherwise. */
export const MESSAGE_BYTES_DEFAULT = 65_536
/** What it may be told. */
export const MESSAGE_BYTES_MAX = 2 ** 30
/**
 * The same for messages that are strings: V8 makes none above 2^29 - 24 characters, among which a
 * delimiter may be.
 */
export const TEXT_BYTES_MAX = 2 ** 29 - 65_536
