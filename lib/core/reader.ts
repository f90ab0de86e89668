import type { Connection, ErrorContext, Handler } from './contract.js'
import type { Encoder } from './output.js'

/** The part of a connection that a reader works with. */
export interface ReaderSubject extends Connection {
  readonly slot: number
  flags: number
  /** Ends the connection: with protocol-error for a ProtocolError, else with handler-error. */
  fail(error: unknown): void
  /** Goes on with bytes that receive() left, once what kept it from them is over. */
  release(): void
}

/** Stands between the bytes of a server's connections and its handler: the decoder of a protocol. */
export interface Reader {
  /** It keeps nothing of the bytes, so that it may be given the memory of the batch itself. */
  readonly borrows: boolean
  /**
   * Takes in bytes[start, end) until the connection has one of the `stopAt` flags. Returns where it
   * stopped: what stands there and behind waits, and is given again after release().
   */
  receive(subject: ReaderSubject, bytes: Buffer, start: number, end: number, stopAt: number): number
  /** The peer's FIN, behind the last bytes. false: something is still in hand; release() follows. */
  ended(subject: ReaderSubject): boolean
  /** Below the low watermark again. */
  drained(subject: ReaderSubject): void
  /** Writes what send() is given. */
  readonly encoder: Encoder
  /** Lets go of a connection; returns the bytes of the message that was not complete yet. */
  forget(subject: ReaderSubject): Buffer | null
}

/** What a reader knows of its server. */
export interface ReaderHome {
  /** Runs code of the server's owner; what it throws or rejects with goes to onError. */
  guard(call: () => unknown, context: ErrorContext): void
  /** Per slot: 1 above the high watermark, until drained() follows. */
  readonly wantsDrain: Uint8Array
}

/** The key under which a handler that has a reader keeps what makes one for each server. */
export const makeReader: unique symbol = Symbol('holdfast.makeReader')

export interface ReadingHandler extends Handler {
  [makeReader]?(home: ReaderHome): Reader
}
