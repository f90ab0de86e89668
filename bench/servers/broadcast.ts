import { parseArgs } from 'node:util'
import { type Connection, listen } from 'holdfast'
import { type Counters, say, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    bytes: { type: 'string', default: '65536' },
    /** broadcast, or write: to each by itself. */
    way: { type: 'string', default: 'broadcast' },
  },
})

// As load/hear_mode.cc expects it.
const message = Uint8Array.from({ length: Number(values.bytes) }, (_, at) => (at * 31) % 251)
const block = Buffer.alloc(4096, 'x')

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }

const server = await listen({
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  handler: {
    open() {
      counters.accepted++
    },
    close() {
      counters.closed++
    },
  },
})

/** Until the kernel takes no more. */
function fill(conn: Connection): void {
  while (conn.write(block)) counters.sentBytes += block.length
}

function held(): { heldBytes: number; residentBytes: number } {
  return {
    heldBytes: server.counters.queueMemoryBytes,
    residentBytes: process.memoryUsage.rss(),
  }
}

/** The message to everybody, and what was held before and after. */
function send(): void {
  const before = held()
  if (values.way === 'broadcast') server.broadcast(message)
  else for (const conn of server.connections) conn.write(message)
  counters.sentBytes += message.length * (counters.accepted - counters.closed)
  const after = held()
  say({
    event: 'sent',
    heldBytes: after.heldBytes - before.heldBytes,
    residentBytes: after.residentBytes - before.residentBytes,
  })
}

serveControl(server.address.port, () => counters, {
  fill() {
    for (const conn of server.connections) fill(conn)
    say({ event: 'filled' })
  },
  send,
})
