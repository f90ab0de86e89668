// Sends back what it receives, in plain JavaScript.
//
//   PORT=7000 node examples/echo.mjs
//   nc 127.0.0.1 7000

import { listen } from 'holdfast'

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  handler: {
    data(conn, chunk) {
      // Over the high watermark: the client does not read, so neither do we until `drain`.
      if (!conn.write(chunk) && conn.writable) {
        conn.pause()
      }
    },
    drain(conn) {
      conn.resume()
    },
    close(_, { reason, bytesRead, bytesWritten }) {
      console.log(`${reason}: ${bytesRead} bytes in, ${bytesWritten} bytes out`)
    },
  },
})

console.log(`listening on ${server.address.host}:${server.address.port}`)
