import { type AddressInfo, createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { type Counters, say, serveControl } from './control.js'

// One message to all on node:net: a loop of socket.write() over a Set, as a chat server has it.
const { values } = parseArgs({ options: { bytes: { type: 'string', default: '65536' } } })

// As load/hear_mode.cc expects it.
const message = Uint8Array.from({ length: Number(values.bytes) }, (_, at) => (at * 31) % 251)

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }
const sockets = new Set<Socket>()

// A reset is an ordinary end here; 'close' follows.
function onError(): void {}

function onClose(this: Socket): void {
  counters.closed++
  sockets.delete(this)
}

const server = createServer((socket) => {
  counters.accepted++
  sockets.add(socket)
  socket.on('error', onError)
  socket.on('close', onClose)
  // Nobody sends anything, but an end is read like data.
  socket.resume()
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  serveControl(port, () => counters, {
    send() {
      for (const socket of sockets) socket.write(message)
      counters.sentBytes += message.length * sockets.size
      say({ event: 'sent' })
    },
  })
})
