import { parseArgs } from 'node:util'
import { type Connection, type KeepaliveInput, listen, type Server } from 'holdfast'
import { type Counters, say, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    /** A JSON array: a listener for each. */
    listeners: { type: 'string', default: '[]' },
  },
})

interface Listener {
  readonly keepalive: KeepaliveInput
  /** 64 bytes to each connection of it that often; absent: it sends nothing. */
  readonly pushEveryMs?: number
}

/** One line for each completion: which listener's, which peer's, when and why. */
interface Ending {
  readonly listener: number
  readonly port: number | null
  readonly atMs: number
  readonly detectedMs: number | null
  readonly how: string
}

const push = Buffer.alloc(64, 'p')
const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }
const endings: Ending[] = []

/** CLOCK_MONOTONIC, which the load generator reads too. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function start({ keepalive }: Listener, listener: number): Promise<Server> {
  return listen({
    port: 0,
    io: values.io as 'auto' | 'epoll' | 'uv',
    keepalive,
    handler: {
      open() {
        counters.accepted++
      },
      close(_conn, { reason, detectedMs, evidence, remotePort }) {
        counters.closed++
        const how = `${reason} by ${evidence.decidedBy}`
        endings.push({ listener, port: remotePort, atMs: nowMs(), detectedMs, how })
      },
    },
  })
}

function pushTo(conn: Connection): void {
  conn.write(push)
  counters.sentBytes += push.length
}

const listeners = JSON.parse(values.listeners) as Listener[]
const servers: Server[] = []
for (const [index, listener] of listeners.entries()) servers.push(await start(listener, index))
const [first] = servers
if (first === undefined) throw new Error('--listeners: none')

serveControl(first.address.port, () => counters, {
  ports() {
    say({ event: 'ports', ports: servers.map(({ address }) => address.port) })
  },
  /** Until the process ends. */
  'begin-to-push'() {
    for (const [index, { pushEveryMs }] of listeners.entries()) {
      if (pushEveryMs === undefined) continue
      setInterval(() => {
        for (const conn of (servers[index] as Server).connections) pushTo(conn)
      }, pushEveryMs)
    }
    say({ event: 'pushing' })
  },
  endings() {
    say({ event: 'endings', endings })
  },
})
