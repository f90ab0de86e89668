import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Counters, serveControl } from './control.js'

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

const server = createServer((socket) => {
  counters.accepted++
  socket.on('data', onData)
  socket.on('drain', onDrain)
  socket.on('error', onError)
  socket.on('close', onClose)
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  serveControl(port, () => counters)
})
