// One chat room. The first line of a connection is a name, each further line goes to everybody.
//
//   PORT=7000 npx tsx examples/chat-room.ts
//   nc 127.0.0.1 7000        (in two terminals)

import { lines, listen, type ProtocolConnection, protocol } from 'holdfast'

const NAME_CHARS_MAX = 32
/** Well below maxQueuedBytes: a broadcast of more than that ends whoever it is for. */
const TOLD_CHARS_MAX = 65_536

/** A name that is empty until the first line. */
type Member = ProtocolConnection<string, { name: string }>

const members = new Set<Member>()

const room = protocol({
  codec: lines({ maxMessageBytes: 2048 }),
  state: () => ({ name: '' }),
  open: (conn: Member) => conn.send('your name?'),
  message(conn, line) {
    if (conn.data.name === '') {
      join(conn, line.slice(0, NAME_CHARS_MAX) || `guest ${conn.id}`)
    } else if (line !== '') {
      say(`${conn.data.name}: ${line}`)
    }
  },
})

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  handler: room,
  keepalive: 'interactive',
  // A member who does not read: then the connection ends as slow-consumer.
  maxQueuedBytes: 1_048_576,
  // Everybody hears what one says: above it the client is read later.
  limits: { readBytesPerSecond: 16_384 },
})

function join(conn: Member, name: string): void {
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
  server.broadcast(said, { to: members })
  said = ''
}

// Stops accepting, ends everybody with FIN, and waits for the hooks of all of them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close({ deadlineMs: 2_000 }))
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
