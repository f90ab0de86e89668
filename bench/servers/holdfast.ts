import { parseArgs } from 'node:util'
import { type Handler, listen } from 'holdfast'
import { type Counters, say, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    inherit: { type: 'string', default: 'auto' },
    port: { type: 'string', default: '0' },
    'reuse-port': { type: 'boolean', default: false },
    /** What listen() is given besides, in JSON. */
    options: { type: 'string', default: '{}' },
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
  port: Number(values.port),
  reusePort: values['reuse-port'],
  io: values.io as 'auto' | 'epoll' | 'uv',
  inherit: values.inherit as 'auto' | 'never',
  ...JSON.parse(values.options),
  handler,
})

const inspections = 21

// Each inspection by the clock and in CPU time; every row is counted and has come by sock_diag.
function inspectAgain(): void {
  const wallMs: number[] = []
  const cpuMs: number[] = []
  for (let i = 0; i < inspections; i++) {
    const cpu = process.cpuUsage()
    const begin = performance.now()
    const rows = server.inspect()
    wallMs.push(performance.now() - begin)
    const { user, system } = process.cpuUsage(cpu)
    cpuMs.push((user + system) / 1000)
    const expected = counters.accepted - counters.closed
    const timed = rows.filter(({ timer }) => timer !== null).length
    if (rows.length !== expected || timed !== expected) {
      throw new Error(`${rows.length} rows, ${timed} with timers; expected ${expected}`)
    }
  }
  say({ event: 'inspected', wallMs, cpuMs })
}

serveControl(server.address.port, () => counters, {
  inspect: inspectAgain,
  // The library's own counts, which those above must agree with.
  counters: () => say({ event: 'counters', ...server.counters }),
})
