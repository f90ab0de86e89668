// Runs on the Linux below Wine, started by scripts/windows.mjs, and prints its port. To whoever
// connects and writes a port and a newline it answers with the port of a new connection to that
// port, in five digits, whose socket hears nothing any more: the kernel drops every segment that
// arrives for it, so it acknowledges nothing, answers no probe and resets nothing.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import net from 'node:net'
import { createInterface } from 'node:readline'

const testkit = createRequire(import.meta.url)('../../build/Release/testkit.node')

const service = net.createServer((control) => {
  // Whoever asked may be gone at any time.
  control.on('error', () => control.destroy())
  createInterface({ input: control }).once('line', async (line) => {
    const socket = net.connect(Number(line), '127.0.0.1')
    socket.on('error', () => socket.destroy())
    await once(socket, 'connect')
    // Node has no public name for the descriptor of a socket.
    const { _handle } = /** @type {{ _handle?: { fd: number } }} */ (
      /** @type {unknown} */ (socket)
    )
    testkit.attachDropAllFilter(_handle?.fd)
    control.write(String(socket.localPort).padStart(5, '0'))
  })
})
service.listen(0, '127.0.0.1')
await once(service, 'listening')
console.log(/** @type {net.AddressInfo} */ (service.address()).port)
