// Passes each connection on to another server. Whoever reads slowly slows down the one who sends,
// and nobody's bytes pile up here.
//
//   npm start                                            (an echo server on port 7007)
//   PORT=7000 UPSTREAM=127.0.0.1:7007 npx tsx examples/proxy.ts
//   nc 127.0.0.1 7000

import net from 'node:net'
import { type Connection, listen } from 'holdfast'

const [host = '', port = ''] = (process.env.UPSTREAM ?? '127.0.0.1:7007').split(':')

const server = await listen<net.Socket>({
  port: Number(process.env.PORT ?? 0),
  // Each side may end its sending while it still receives.
  allowHalfOpen: true,
  handler: {
    open(client) {
      client.data = dial(client)
    },
    data(client, chunk) {
      if (!client.data.write(chunk)) {
        client.pause()
      }
    },
    drain(client) {
      client.data.resume()
    },
    end(client) {
      client.data.end()
    },
  },
})

function dial(client: Connection<net.Socket>): net.Socket {
  const upstream = net.connect({
    host,
    port: Number(port),
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
  })
  upstream.on('data', (chunk) => {
    // false also when the client has ended; then no drain would ever follow.
    if (!client.write(chunk) && client.writable) {
      upstream.pause()
    }
  })
  upstream.on('drain', () => client.resume())
  upstream.on('end', () => client.end())
  // Each side learns how the other one ended: a failure is passed on as a reset.
  upstream.on('error', () => client.reset())
  client.onCleanup(({ reason }) => {
    if (reason === 'peer-end' || reason === 'local-end') {
      upstream.destroySoon() // after what it still has to send
    } else {
      upstream.resetAndDestroy()
    }
  })
  return upstream
}

console.log(`listening on ${server.address.host}:${server.address.port}`)
