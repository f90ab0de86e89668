import { parseArgs } from 'node:util'
import { type Handler, listen } from 'holdfast'
import { type Counters, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    inherit: { type: 'string', default: 'auto' },
  },
})

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }

function onCleanup(): void {
  counters.closed++
}

// The counterpart of baselines/node-net.ts: an echo with back-pressure, one cleanup hook a connection.
const handler: Handler = {
  open(conn) {
    counters.accepted++
    conn.onCleanup(onCleanup)
  },
  data(conn, chunk) {
    counters.receivedBytes += chunk.length
    counters.sentBytes += chunk.length
    if (!conn.write(chunk)) conn.pause()
  },
  drain(conn) {
    conn.resume()
  },
}

const server = await listen({
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  inherit: values.inherit as 'auto' | 'never',
  handler,
})

serveControl(server.address.port, () => counters)
