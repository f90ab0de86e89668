// Which devices are here? A device says `i am NAME` and gets the time every second. Anybody may ask
// `who`. A device that comes back ends its own past, and one that does not answer `ping` is gone.
//
//   PORT=7000 npx tsx examples/presence.ts
//   nc 127.0.0.1 7000        then: i am lamp

import { setInterval } from 'node:timers/promises'
import { lines, listen, type ProtocolConnection, protocol } from 'holdfast'

const TICK_MS = 1_000
/** So many names of 32 characters fit the limit of a line, which is 64 KiB. */
const LISTED_MAX = 1_000
const HEARTBEAT_MS = Number(process.env.HEARTBEAT_MS ?? 50_000)

/** A name that is empty until it says `i am`. */
type Visitor = ProtocolConnection<string, { name: string }>

const devices = new Set<string>()

const presence = protocol({
  codec: lines(),
  state: () => ({ name: '' }),
  // The promise may last as long as the connection. If it rejects, the connection ends with
  // handler-error.
  open: (conn: Visitor) => tellTime(conn),
  // What it resolves with is sent, and only then the next line is read.
  async answer(conn, line) {
    const name = /^i am (\w{1,32})$/.exec(line)?.[1]
    if (name !== undefined && conn.data.name === '') {
      return attend(conn, name)
    }
    if (line === 'who') {
      return `here: ${[...devices].slice(0, LISTED_MAX).join(' ') || 'nobody'}`
    }
    return line === 'pong' ? undefined : 'say once: i am NAME, or: who, or: pong'
  },
  // Whatever comes then is an answer.
  heartbeat: (conn) => conn.send('ping'),
})

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  handler: presence,
  keepalive: 'nat',
  heartbeat: { intervalMs: HEARTBEAT_MS, replyMs: HEARTBEAT_MS },
})

async function attend(conn: Visitor, name: string): Promise<string | undefined> {
  // A device that lost its network comes back before its old connection is known to be dead. The old
  // one ends as `replaced`, and its hook below has run when this goes on.
  conn.data.name = name
  await server.identify(conn, name)
  if (!conn.writable) {
    return undefined // replaced itself meanwhile
  }
  devices.add(name)
  conn.onCleanup(() => devices.delete(name))
  return `you are ${name}`
}

async function tellTime(conn: Visitor): Promise<void> {
  try {
    for await (const _ of setInterval(TICK_MS, undefined, { signal: conn.signal })) {
      if (conn.data.name !== '') {
        conn.send(`time ${new Date().toISOString()}`)
      }
    }
  } catch (error) {
    if (!conn.signal.aborted) {
      throw error
    }
  }
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
