// An event stream of node:http, whose peers are found gone although nothing is sent for long: each
// socket gets a keepalive policy as it arrives.
//
//   PORT=7000 npx tsx examples/tune-http.ts
//   curl -N http://127.0.0.1:7000/       then: npx holdfast inspect --port 7000

import http from 'node:http'
import { KeepalivePolicy, tuneSocket } from 'holdfast'

// A vanished peer is reported within this; 40 s unless the environment says otherwise.
const policy = KeepalivePolicy.within(Number(process.env.WITHIN_MS ?? 40_000))

const server = http.createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`data: hello, you are one of ${peers.size}\n\n`)
})

const peers = new Set<number>()

server.on('connection', (socket) => {
  const port = socket.remotePort ?? 0
  try {
    const { detectionMs, userTimeoutMs } = tuneSocket(socket, policy)
    console.log(`${port} came: detection ${detectionMs} ms, user timeout ${userTimeoutMs} ms`)
  } catch (error) {
    // A peer that came and went meanwhile: Node has not noticed yet, the kernel has.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_HOLDFAST_SOCKET') throw error
  }
  peers.add(port)
  socket.once('error', (error: NodeJS.ErrnoException) => console.log(`${port}: ${error.code}`))
  socket.once('close', () => {
    peers.delete(port)
    console.log(`${port} gone, ${peers.size} left`)
  })
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const { address, port } = server.address() as { address: string; port: number }
  console.log(`listening on ${address}:${port}`)
})
