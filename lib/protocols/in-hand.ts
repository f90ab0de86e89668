import { ADAPTED } from '../core/flags.js'
import { ProtocolError } from '../core/protocol-error.js'
import type { ReaderSubject } from '../core/reader.js'
import { isThenable } from '../core/server-state.js'
import type { ProtocolConnection } from './definition.js'
import type { Stream } from './stream.js'

// Messages whose promises are under way: how many there are is stream.inHand, and the reader stops for it.

export type ReadConnection = ReaderSubject & ProtocolConnection<unknown>

/** What message() has returned. `offset`: of the message's first byte. */
export function follow(
  result: PromiseLike<unknown>,
  connection: ReadConnection,
  stream: Stream,
  offset: number,
): void {
  stream.inHand++
  Promise.resolve(result).then(
    () => {
      stream.inHand--
      connection.release()
    },
    (error: unknown) => failed(error, connection, stream, offset),
  )
}

/** What answer() has returned: sent when it is there, and those before it have been. */
export function answerWith(
  result: unknown,
  connection: ReadConnection,
  stream: Stream,
  offset: number,
): void {
  if (!isThenable(result) && stream.inHand === 0) {
    send(connection, result)
    return
  }
  stream.inHand++
  if (!isThenable(result)) {
    stream.answers.push({ settled: true, value: result })
    return
  }
  const answer = { settled: false, value: undefined as unknown }
  stream.answers.push(answer)
  Promise.resolve(result).then(
    (value) => {
      answer.settled = true
      answer.value = value
      sendSettled(connection, stream)
    },
    (error: unknown) => failed(error, connection, stream, offset),
  )
}

/** Those that no earlier one is waited for. */
function sendSettled(connection: ReadConnection, stream: Stream): void {
  const { answers } = stream
  try {
    while (answers[0]?.settled === true) {
      const { value } = answers.shift() as { value: unknown }
      stream.inHand--
      send(connection, value)
    }
  } catch (error) {
    connection.fail(error)
  }
  connection.release()
}

/** Not into a stream that has taken the connection over meanwhile. */
function send(connection: ReadConnection, answer: unknown): void {
  if (answer !== undefined && (connection.flags & ADAPTED) === 0) {
    connection.send(answer)
  }
}

function failed(error: unknown, connection: ReadConnection, stream: Stream, offset: number): void {
  stream.inHand--
  connection.fail(locate(error, offset))
}

/** What a protocol throws of a message that the codec has let through. */
export function locate(error: unknown, offset: number): unknown {
  if (error instanceof ProtocolError) {
    error.offset ??= offset
  }
  return error
}
