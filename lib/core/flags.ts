// The state of a connection as bits of one small integer: a field per state would cost 8 bytes each.

/** end() was called, or the lifetime is over: nothing more is written, reading goes on. */
export const ENDING = 1
/** destroy() or a failed handler: nothing is read or written any more; `closed` follows. */
export const DESTROYED = 2
/** The closed record has arrived; the completion is there. */
export const CLOSED = 4
export const PAUSED = 8
/** Chunks received before pause() took effect wait in `extra.held`. */
export const HOLDING = 16
/** The connection's own hooks have run; one added now runs at once. */
export const HOOKS_RUN = 32
/** All hooks and onDisconnect listeners have run. */
export const FINISHED = 64
/** identify() waits for the hooks of those that had this one's key before. */
export const WAITING = 128

/** Bytes wait that its reader cannot take yet. */
export const BUSY = 256
/** An adapter gets what its handler would have got. */
export const ADAPTED = 512

/** The peer's FIN has been handed over. */
export const PEER_ENDED = 1024

/** Nothing is handed to the handler. */
export const BLOCKED = PAUSED | WAITING
/** Nothing is read. */
export const STOPPED = BLOCKED | BUSY
export const NOT_WRITABLE = ENDING | DESTROYED | CLOSED
export const GONE = DESTROYED | CLOSED
