import type { AddressInfo } from 'node:net'
import { type Counters, serveControl } from './control.js'
import { httpApp } from './http-app.js'

const counters: Counters = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }
const app = httpApp(counters)

function onClose(): void {
  counters.closed++
}

app.on('connection', (socket) => {
  counters.accepted++
  socket.on('close', onClose)
})

app.listen(0, '127.0.0.1', () => {
  const { port } = app.address() as AddressInfo
  serveControl(port, () => counters)
})
