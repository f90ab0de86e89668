import { parseArgs } from 'node:util'
import { listen, resp } from 'holdfast'
import { say, serveControl } from '../baselines/control.js'

const { values } = parseArgs({ options: { io: { type: 'string', default: 'auto' } } })

const protocol = resp()
const server = await listen({
  ...protocol.options,
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  handler: protocol,
})

function counters() {
  const { accepted, open, bytesRead, bytesWritten } = server.counters
  return {
    accepted,
    closed: accepted - open,
    receivedBytes: bytesRead,
    sentBytes: bytesWritten,
  }
}

serveControl(server.address.port, counters, {
  cpu() {
    const { user, system } = process.cpuUsage()
    say({ event: 'cpu', cpuNs: (user + system) * 1000 })
  },
})
