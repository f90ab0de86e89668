// Which devices are here? A device says `i am NAME` and gets the time every second. Anybody may ask
// `who`. What belongs to a device lives as long as the signal of its connection.
//
//   PORT=7000 npx tsx examples/presence.ts
//   nc 127.0.0.1 7000        then: i am lamp

import { setInterval } from 'node:timers/promises'
import { type Connection, listen } from 'holdfast'
import { linesOf, type Unfinished } from './lines.js'

const TICK_MS = 1_000

const devices = new Map<string, Connection<Unfinished>>()

const server = await listen<Unfinished>({
  port: Number(process.env.PORT ?? 0),
  keepalive: 'nat',
  handler: {
    open(conn) {
      conn.data = { line: '' }
    },
    // The promise may last as long as the connection. If it rejects, the connection ends with
    // handler-error.
    async data(conn, chunk) {
      await Promise.all(linesOf(conn.data, chunk).map((line) => obey(conn, line)))
    },
  },
})

async function obey(conn: Connection<Unfinished>, line: string): Promise<void> {
  const name = /^i am (\w+)$/.exec(line)?.[1]
  if (name !== undefined) {
    await attend(conn, name)
  } else if (line === 'who') {
    conn.write(`here: ${[...devices.keys()].join(' ') || 'nobody'}\n`)
  } else {
    conn.write('say: i am NAME, or: who\n')
  }
}

async function attend(conn: Connection<Unfinished>, name: string): Promise<void> {
  const earlier = devices.get(name)
  if (earlier === conn) {
    return
  }
  devices.set(name, conn)
  // A device that lost its network comes back before its old connection is known to be dead.
  earlier?.destroy()
  conn.signal.addEventListener('abort', () => {
    // Not when the same device has come back meanwhile.
    if (devices.get(name) === conn) {
      devices.delete(name)
    }
  })
  try {
    for await (const _ of setInterval(TICK_MS, undefined, { signal: conn.signal })) {
      conn.write(`time ${new Date().toISOString()}\n`)
    }
  } catch (error) {
    if (!conn.signal.aborted) {
      throw error
    }
  }
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
