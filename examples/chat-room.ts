// One chat room. The first line of a connection is a name, each further line goes to everybody.
//
//   PORT=7000 npx tsx examples/chat-room.ts
//   nc 127.0.0.1 7000        (in two terminals)

import { type Connection, listen } from 'holdfast'
import { linesOf } from './lines.js'

const NAME_CHARS_MAX = 32
/** Well below maxQueuedBytes: a broadcast of more than that ends whoever it is for. */
const TOLD_CHARS_MAX = 65_536

interface Member {
  /** Empty until the first line. */
  name: string
  line: string
}

const members = new Set<Connection<Member>>()

const server = await listen<Member>({
  port: Number(process.env.PORT ?? 0),
  keepalive: 'interactive',
  // A member who does not read: then the connection ends as slow-consumer.
  maxQueuedBytes: 1_048_576,
  // Everybody hears what one says: above it the client is read later.
  limits: { readBytesPerSecond: 16_384 },
  handler: {
    open(conn) {
      conn.data = { name: '', line: '' }
      conn.write('your name?\n')
    },
    data(conn, chunk) {
      for (const line of linesOf(conn.data, chunk)) {
        if (conn.data.name === '') {
          join(conn, line.slice(0, NAME_CHARS_MAX) || `guest ${conn.id}`)
        } else if (line !== '') {
          say(`${conn.data.name}: ${line}`)
        }
      }
    },
  },
})

function join(conn: Connection<Member>, name: string): void {
  conn.data.name = name
  members.add(conn)
  // Registered next to what it undoes. It runs once, whatever ends the connection.
  conn.onCleanup(({ reason }) => {
    members.delete(conn)
    say(`* ${name} left (${reason}), ${members.size} here`)
  })
  say(`* ${name} joined, ${members.size} here`)
}

/**
 * Collected over one turn of the event loop: a broadcast costs a system call for each member, and a
 * thousand short lines of one chunk must not cost a thousand times as many.
 */
let said = ''

function say(text: string): void {
  if (said === '') {
    setImmediate(tell)
  }
  said += `${text}\n`
  if (said.length > TOLD_CHARS_MAX) {
    tell()
  }
}

function tell(): void {
  server.broadcast(said, { to: members, encoding: 'latin1' })
  said = ''
}

// Stops accepting, ends everybody with FIN, and waits for the hooks of all of them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close({ deadlineMs: 2_000 }))
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
