import { parseArgs } from 'node:util'
import { type Codec, lengthPrefixed, lines, listen, type Payload, protocol } from 'holdfast'
import { type Counters, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    codec: { type: 'string', default: 'lines' },
    /** As what a message is handed over. */
    as: { type: 'string', default: 'slice' },
  },
})

const as = values.as as 'slice' | 'buffer' | 'utf8' | 'latin1'
const codec: Codec<Payload> =
  values.codec === 'lines' ? lines({ as }) : lengthPrefixed({ lengthBytes: 4, as })
let accepted = 0
let closed = 0

const server = await listen({
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  handler: protocol<Payload>({
    codec,
    open() {
      accepted++
    },
    message(conn, message) {
      conn.send(message)
    },
    close() {
      closed++
    },
  }),
})

serveControl(server.address.port, (): Counters => {
  const { bytesRead, bytesWritten } = server.counters
  return { accepted, closed, receivedBytes: bytesRead, sentBytes: bytesWritten }
})
