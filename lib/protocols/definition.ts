import type { Codec } from '../codecs/codec.js'
import type { DisconnectCompletion } from '../core/completion.js'
import type { Connection, Server } from '../core/contract.js'
import type { ListenOptions } from '../core/options.js'
import type { ProtocolError } from '../core/protocol-error.js'

/** A connection whose server speaks a protocol: it sends messages of type Out. */
export interface ProtocolConnection<Out, State = unknown> extends Connection<State> {
  readonly server: Server<State>
  /**
   * write() of one message, encoded. What it returns means the same.
   * @throws HoldfastTypeError, HoldfastRangeError (ERR_HOLDFAST_MESSAGE) for what the codec cannot encode;
   *   then nothing of it was sent
   */
  send(message: Out): boolean
}

/** What a protocol asks of the server that speaks it. */
export type ProtocolOptions = Omit<Partial<ListenOptions>, 'handler' | 'port' | 'host'>

/**
 * A codec and what is to be done about its messages. Methods that return a promise are followed: one
 * that rejects ends its connection with handler-error, as one that throws.
 */
export interface ProtocolDefinition<In, Out = In, State = unknown> {
  codec: Codec<In, Out>
  /** Makes `conn.data` of each connection, before open(). Default: it stays undefined. */
  state?(connection: Connection): State
  open?(connection: ProtocolConnection<Out, State>): unknown
  /**
   * One message. While `concurrency` promises of a connection are not settled, or above its high
   * watermark, its further messages wait, and it is not read.
   */
  message?(connection: ProtocolConnection<Out, State>, message: In): unknown
  /**
   * In place of `message`: what it returns, or resolves with, is sent; undefined: nothing. Answers go out
   * in the order of the messages, however they are settled.
   */
  answer?(
    connection: ProtocolConnection<Out, State>,
    message: In,
  ): Out | undefined | Promise<Out | undefined>
  /** Promises of message() or answer() under way at once on one connection; 1 to 65536. Default 1. */
  concurrency?: number
  /**
   * What came is no message of the codec: say so, if you like. When this returns, the connection is closed
   * with protocol-error. What it throws or rejects with goes to onError.
   */
  malformed?(connection: ProtocolConnection<Out, State>, error: ProtocolError): void
  /** The queue fell to the low watermark after send() or write() had returned false. */
  drain?(connection: ProtocolConnection<Out, State>): unknown
  /** The peer has ended, and no message of its is left. See Handler.end. */
  end?(connection: ProtocolConnection<Out, State>): unknown
  /** Nothing came for `heartbeat.intervalMs`: send a ping that the client answers. */
  heartbeat?(connection: ProtocolConnection<Out, State>): unknown
  /** The server closes: say goodbye. When it returns, or its promise settles, the connection ends. */
  goodbye?(connection: ProtocolConnection<Out, State>): unknown
  close?(connection: ProtocolConnection<Out, State>, completion: DisconnectCompletion): unknown
  /** What its server should be given besides; `listen({ ...protocol.options, port, handler })`. */
  options?: ProtocolOptions
}
