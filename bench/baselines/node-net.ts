import { type AddressInfo, createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { type Counters, serveControl } from './control.js'

const { values } = parseArgs({
  options: {
    /** Seconds of idle time; 0: no keepalive. */
    'keepalive-s': { type: 'string', default: '0' },
    backlog: { type: 'string', default: '511' },
  },
})
const idleS = Number(values['keepalive-s'])

// An echo server as a careful author writes it on node:net: shared listeners instead of closures,
// back-pressure both ways, one 'close' listener a connection.
const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }

function onData(this: Socket, chunk: Buffer): void {
  counters.receivedBytes += chunk.length
  counters.sentBytes += chunk.length
  if (!this.write(chunk)) this.pause()
}

function onDrain(this: Socket): void {
  this.resume()
}

// A reset is an ordinary end here; 'close' follows.
function onError(): void {}

function onClose(): void {
  counters.closed++
}

// Interval and count are libuv's own: node:net has no option for them.
const options = { keepAlive: idleS > 0, keepAliveInitialDelay: idleS * 1000 }

const server = createServer(options, (socket) => {
  counters.accepted++
  socket.on('data', onData)
  socket.on('drain', onDrain)
  socket.on('error', onError)
  socket.on('close', onClose)
})

server.listen({ port: 0, host: '127.0.0.1', backlog: Number(values.backlog) }, () => {
  const { port } = server.address() as AddressInfo
  serveControl(port, () => counters)
})
