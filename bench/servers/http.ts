import { parseArgs } from 'node:util'
import { listen } from 'holdfast'
import { type Counters, serveControl } from '../baselines/control.js'
import { httpApp } from '../baselines/http-app.js'

// The counterpart of baselines/node-http.ts: the same application on connections' toDuplex().
const { values } = parseArgs({ options: { io: { type: 'string', default: 'auto' } } })

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }
const app = httpApp(counters)

function onCleanup(): void {
  counters.closed++
}

const server = await listen({
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  handler: {
    open(conn) {
      counters.accepted++
      conn.onCleanup(onCleanup)
      app.emit('connection', conn.toDuplex({ allowHalfOpen: true }))
    },
  },
})

serveControl(server.address.port, () => counters)
