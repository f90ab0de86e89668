// A room over WebSocket, by the package ws: what one says goes to everybody.
//
//   PORT=7000 npx tsx examples/websocket.ts
//   npx wscat -c ws://127.0.0.1:7000/

import { createServer } from 'node:http'
import { type ConnectionDuplex, listen } from 'holdfast'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

const app = createServer((_request, response) => response.writeHead(426).end('WebSocket only\n'))
const room = new WebSocketServer({ noServer: true, maxPayload: 65_536 })

app.on('upgrade', (request, socket, head) => {
  room.handleUpgrade(request, socket, head, (client) => {
    const { connection } = socket as ConnectionDuplex
    connection.ready() // before this, a client has handshakeMs
    const closed = new Promise((resolve) => client.once('close', resolve))
    connection.onCleanup(async ({ remotePort, reason }) => {
      console.log(`${remotePort}: ${reason}, code ${await closed}`) // 1006: without a goodbye
    })
    client.on('error', () => {}) // 'close' follows
    client.on('message', (message, isBinary) => tell(message, isBinary))
  })
})

function tell(message: RawData, isBinary: boolean): void {
  for (const client of room.clients) {
    if (client.readyState === WebSocket.OPEN) {
      client.send(message, { binary: isBinary })
    }
  }
}

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  keepalive: 'interactive',
  // A member who does not read: then the connection ends as slow-consumer.
  maxQueuedBytes: 1_048_576,
  deadlines: { handshakeMs: 10_000 },
  handler: {
    open: (conn) => void app.emit('connection', conn.toDuplex({ allowHalfOpen: true })),
  },
})

process.once('SIGTERM', () => {
  for (const client of room.clients) {
    client.close(1001)
  }
  void server.close({ deadlineMs: 5_000 })
})
console.log(`listening on ${server.address.host}:${server.address.port}`)
