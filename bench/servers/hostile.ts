import { parseArgs } from 'node:util'
import { type Handler, listen } from 'holdfast'
import { type Counters, say, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    /** What listen() is given besides, in JSON: limits and deadlines. */
    options: { type: 'string', default: '{}' },
  },
})

/** A client's first message: before it is complete, the handshake is not. */
const handshakeBytes = 64

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }

// An echo with back-pressure, like the others, that knows when a client is ready.
const handler: Handler = {
  open(conn) {
    counters.accepted++
    conn.data = handshakeBytes
    conn.onCleanup(onCleanup)
  },
  data(conn, chunk) {
    counters.receivedBytes += chunk.length
    counters.sentBytes += chunk.length
    const missing = conn.data as number
    if (missing > 0) {
      conn.data = missing - chunk.length
      if (missing <= chunk.length) conn.ready()
    }
    if (!conn.write(chunk)) conn.pause()
  },
  drain(conn) {
    conn.resume()
  },
}

function onCleanup(): void {
  counters.closed++
}

const server = await listen({
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  ...JSON.parse(values.options),
  handler,
})

serveControl(server.address.port, () => counters, {
  counters: () => say({ event: 'counters', ...server.counters }),
})
