import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Connection, listen } from 'holdfast'
import { type Counters, say, serveControl } from '../baselines/control.js'

// One server process of a fleet (scale/fleet.ts): it holds, asks when it is told to, and accounts
// for every end.
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    /** What listen() is given besides, in JSON. */
    options: { type: 'string', default: '{}' },
    /** Connections are paused from the start, so that heartbeats wait for `resume`. */
    paused: { type: 'boolean', default: false },
  },
})

const counters: Counters & { beats: number; pongs: number; hooks: number; refused: number } = {
  accepted: 0,
  closed: 0,
  receivedBytes: 0,
  sentBytes: 0,
  beats: 0,
  pongs: 0,
  hooks: 0,
  refused: 0,
}

// As load/fleet.cc has them: a ping is answered by a pong, a request goes back as it is.
const ping = Buffer.from('i')
const pong = 'o'.charCodeAt(0)

function onCleanup(): void {
  counters.hooks++
}

function ask(conn: Connection): void {
  counters.beats++
  counters.sentBytes += ping.length
  conn.write(ping)
}

const server = await listen({
  port: Number(values.port),
  reusePort: true,
  io: 'epoll',
  // A server that waits for its core must not make clients wait a second for a SYN that was dropped.
  backlog: 4096,
  ...JSON.parse(values.options),
  handler: {
    open(conn) {
      counters.accepted++
      conn.onCleanup(onCleanup)
      if (values.paused) conn.pause()
    },
    data(conn, chunk) {
      counters.receivedBytes += chunk.length
      if (chunk[0] === pong) {
        counters.pongs++
        return
      }
      counters.sentBytes += chunk.length
      conn.write(chunk)
    },
    heartbeat: ask,
    close() {
      counters.closed++
    },
  },
})
server.onRefused((_, count) => {
  counters.refused += count
})

const sliceMs = 5

/**
 * Evenly over that time: timers that are set in one instant ring in one instant, and the queue of
 * loopback drops what is too much.
 */
async function spread(overMs: number, use: (conn: Connection) => void): Promise<void> {
  const all = [...server.connections]
  const begin = performance.now()
  for (let done = 0; done < all.length; ) {
    const due = Math.ceil(all.length * Math.min(1, (performance.now() - begin + sliceMs) / overMs))
    for (; done < due; done++) use(all[done] as Connection)
    await sleep(sliceMs)
  }
  say({ event: 'done', connections: all.length })
}

serveControl(server.address.port, () => counters, {
  /**
   * OVER_MS POLICY in JSON: the kernel asks from now on, or no longer. Its timers count from when
   * each client was last heard, which is now, by its answer.
   */
  keepalive(rest) {
    const at = rest.indexOf(' ')
    const policy = JSON.parse(rest.slice(at + 1))
    return spread(Number(rest.slice(0, at)), (conn) => {
      conn.keepalive(policy)
      if (policy !== false) ask(conn)
    })
  },
  /** OVER_MS: heartbeats begin, for who is paused is not asked. */
  resume: (overMs) => spread(Number(overMs), (conn) => conn.resume()),
  pause: (overMs) => spread(Number(overMs), (conn) => conn.pause()),
  // The library's own counts, which those above must agree with.
  counters: () => say({ event: 'counters', ...server.counters }),
  /** Ends all that are left; their hooks have run when it answers. */
  async close(deadlineMs) {
    await server.close({ deadlineMs: Number(deadlineMs) })
    say({ event: 'done', connections: 0 })
  },
})
