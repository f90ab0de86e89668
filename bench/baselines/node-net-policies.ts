import { type AddressInfo, createServer, type Server } from 'node:net'
import { parseArgs } from 'node:util'
import { type Counters, say, serveControl } from './control.js'

// What servers/policies.ts does, as far as node:net can: setKeepAlive() takes the idle time alone,
// and libuv sets an interval of 1 s and 10 probes with it. Nothing watches data in flight.
const { values } = parseArgs({ options: { listeners: { type: 'string', default: '[]' } } })

interface Listener {
  readonly keepalive: { readonly idleMs: number }
}

interface Ending {
  readonly listener: number
  readonly port: number | null
  readonly atMs: number
  readonly detectedMs: null
  readonly how: string
}

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }
const endings: Ending[] = []

function start({ keepalive }: Listener, listener: number): Promise<Server> {
  const server = createServer((socket) => {
    counters.accepted++
    socket.setKeepAlive(true, keepalive.idleMs)
    const port = socket.remotePort ?? null
    let how = 'end'
    socket.resume()
    socket.on('error', (error: NodeJS.ErrnoException) => {
      how = error.code ?? error.message
    })
    socket.on('close', () => {
      counters.closed++
      const atMs = Number(process.hrtime.bigint()) / 1e6
      endings.push({ listener, port, atMs, detectedMs: null, how })
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

const servers = await Promise.all((JSON.parse(values.listeners) as Listener[]).map(start))
const ports = servers.map((server) => (server.address() as AddressInfo).port)

serveControl(ports[0] ?? 0, () => counters, {
  ports() {
    say({ event: 'ports', ports })
  },
  endings() {
    say({ event: 'endings', endings })
  },
})
