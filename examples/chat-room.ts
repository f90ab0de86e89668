// One chat room. The first line of a connection is a name, each further line goes to everybody.
//
//   PORT=7000 npx tsx examples/chat-room.ts
//   nc 127.0.0.1 7000        (in two terminals)

import { type Connection, listen } from 'holdfast'
import { linesOf } from './lines.js'

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
  handler: {
    open(conn) {
      conn.data = { name: '', line: '' }
      conn.write('your name?\n')
    },
    data(conn, chunk) {
      for (const line of linesOf(conn.data, chunk)) {
        if (conn.data.name === '') {
          join(conn, line || `guest ${conn.id}`)
        } else {
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

function say(text: string): void {
  server.broadcast(`${text}\n`, { to: members, encoding: 'latin1' })
}

// Stops accepting, ends everybody with FIN, and waits for the hooks of all of them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close({ deadlineMs: 2_000 }))
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
