import { parseArgs } from 'node:util'
import {
  type Codec,
  lengthPrefixed,
  lines,
  listen,
  type Payload,
  protocol,
  type Slice,
} from 'holdfast'
import { type Counters, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    codec: { type: 'string', default: 'lines' },
    /** As what a message is handed over. */
    as: { type: 'string', default: 'slice' },
    /** each: every message is sent back by itself. run: those of a chunk by one write(). */
    answer: { type: 'string', default: 'each' },
  },
})

const as = values.as as 'slice' | 'buffer' | 'utf8' | 'latin1'
const codec: Codec<Payload> =
  values.codec === 'lines' ? lines({ as }) : lengthPrefixed({ lengthBytes: 4, as })
/** What stands before and behind a message. */
const [head, tail] = values.codec === 'lines' ? [0, 1] : [4, 0]

let accepted = 0
let closed = 0

/** Messages that follow one another in the same memory, and have not been sent back yet. */
interface Run {
  bytes: Buffer
  start: number
  end: number
}

const none = Buffer.alloc(0)

const handler = protocol<Payload, Payload, Run>({
  codec,
  state: () => ({ bytes: none, start: 0, end: 0 }),
  open() {
    accepted++
  },
  message:
    values.answer === 'each'
      ? (conn, message) => {
          conn.send(message)
        }
      : (conn, given) => {
          const message = given as Slice
          const run = conn.data
          if (run.bytes === message.bytes && run.end === message.start - head) {
            run.end = message.end + tail
            return
          }
          const { bytes, start, end } = run
          if (bytes === none) {
            // What a chunk has brought has been handed over when this is called.
            queueMicrotask(() => {
              conn.write(run.bytes.subarray(run.start, run.end))
              run.bytes = none
            })
          } else {
            conn.write(bytes.subarray(start, end))
          }
          run.bytes = message.bytes
          run.start = message.start - head
          run.end = message.end + tail
        },
  close() {
    closed++
  },
})

const server = await listen({ port: 0, io: values.io as 'auto' | 'epoll' | 'uv', handler })

serveControl(server.address.port, (): Counters => {
  const { bytesRead, bytesWritten } = server.counters
  return { accepted, closed, receivedBytes: bytesRead, sentBytes: bytesWritten }
})
