// Which devices are here? A device says `i am NAME` and gets the time every second. Anybody may ask
// `who`. A device that comes back ends its own past, and one that does not answer `ping` is gone.
//
//   PORT=7000 npx tsx examples/presence.ts
//   nc 127.0.0.1 7000        then: i am lamp

import { setInterval } from 'node:timers/promises'
import { type Connection, listen } from 'holdfast'
import { linesOf } from './lines.js'

const TICK_MS = 1_000
const HEARTBEAT_MS = Number(process.env.HEARTBEAT_MS ?? 50_000)

interface Visitor {
  /** Empty until it says `i am`. */
  name: string
  line: string
}

const devices = new Set<string>()

const server = await listen<Visitor>({
  port: Number(process.env.PORT ?? 0),
  keepalive: 'nat',
  heartbeat: { intervalMs: HEARTBEAT_MS, replyMs: HEARTBEAT_MS },
  handler: {
    // The promise may last as long as the connection. If it rejects, the connection ends with
    // handler-error.
    async open(conn) {
      conn.data = { name: '', line: '' }
      await tellTime(conn)
    },
    async data(conn, chunk) {
      for (const line of linesOf(conn.data, chunk)) {
        await obey(conn, line)
      }
    },
    // Whatever comes then is an answer.
    heartbeat: (conn) => conn.write('ping\n'),
  },
})

async function obey(conn: Connection<Visitor>, line: string): Promise<void> {
  const name = /^i am (\w+)$/.exec(line)?.[1]
  if (name !== undefined && conn.data.name === '') {
    await attend(conn, name)
  } else if (line === 'who') {
    conn.write(`here: ${[...devices].join(' ') || 'nobody'}\n`)
  } else if (line !== 'pong') {
    conn.write('say once: i am NAME, or: who, or: pong\n')
  }
}

async function attend(conn: Connection<Visitor>, name: string): Promise<void> {
  // A device that lost its network comes back before its old connection is known to be dead. The old
  // one ends as `replaced`, and its hook below has run when this goes on.
  conn.data.name = name
  await server.identify(conn, name)
  if (!conn.writable) {
    return // replaced itself meanwhile
  }
  devices.add(name)
  conn.onCleanup(() => devices.delete(name))
  conn.write(`you are ${name}\n`)
}

async function tellTime(conn: Connection<Visitor>): Promise<void> {
  try {
    for await (const _ of setInterval(TICK_MS, undefined, { signal: conn.signal })) {
      if (conn.data.name !== '') {
        conn.write(`time ${new Date().toISOString()}\n`)
      }
    }
  } catch (error) {
    if (!conn.signal.aborted) {
      throw error
    }
  }
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
