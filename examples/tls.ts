// TLS on connections of holdfast: what comes through the encryption is sent back through it.
//
//   openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost
//   PORT=7000 KEY=key.pem CERT=cert.pem npx tsx examples/tls.ts
//   openssl s_client -connect 127.0.0.1:7000

import { readFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createServer } from 'node:tls'
import { listen } from 'holdfast'

const HOW =
  'openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost'

function pem(variable: string, otherwise: string): Buffer {
  try {
    return readFileSync(process.env[variable] ?? otherwise)
  } catch (error) {
    console.error(
      `${variable}: ${(error as Error).message}. To make a key and a certificate: ${HOW}`,
    )
    process.exit(1)
  }
}

const app = createServer({ key: pem('KEY', 'key.pem'), cert: pem('CERT', 'cert.pem') })

app.on('secureConnection', (socket) => {
  console.log(`${socket.getProtocol()} ${socket.getCipher().name}`)
  pipeline(socket, socket).catch(() => {}) // the cleanup hook says what became of the connection
})
app.on('tlsClientError', (error) => console.log(`no TLS: ${(error as { code?: string }).code}`))

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  keepalive: 'interactive',
  handler: {
    open(conn) {
      conn.onCleanup(({ remotePort, reason, bytesRead, bytesWritten }) =>
        console.log(`${remotePort}: ${reason}, ${bytesRead} bytes in, ${bytesWritten} out`),
      )
      // Half-open: behind the peer's FIN there may be more to encrypt.
      app.emit('connection', conn.toDuplex({ allowHalfOpen: true }))
    },
  },
})

process.once('SIGTERM', () => void server.close({ deadlineMs: 5_000 }))
console.log(`listening on ${server.address.host}:${server.address.port}`)
