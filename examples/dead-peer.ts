// Two clients vanish without a word, and the server finds out within 3 seconds. Both run in this
// process on loopback; a socket filter makes them deaf, so that their kernel answers nothing. That
// takes Linux and the test kit, an addon which is built in a clone of holdfast and not shipped.
//
//   npx tsx examples/dead-peer.ts

import { once } from 'node:events'
import net from 'node:net'
import { listen } from 'holdfast'
import { fdOf } from '../test/support/sockets.js'

const { testkit } = await import('../test/support/testkit.js').catch((error: Error) => {
  console.error(`this example needs the test kit of a clone (npm run build): ${error.message}`)
  process.exit(1)
})

let vanishedAt = 0

const server = await listen({
  port: Number(process.env.PORT ?? 0),
  // The shortest the kernel allows: 1 s + 1 s * 2 probes.
  keepalive: { idleMs: 1_000, intervalMs: 1_000, count: 2 },
  handler: {
    data(conn, chunk) {
      conn.write(chunk)
    },
    close(_, { reason, code, detectedMs, evidence }) {
      const afterMs = Math.round(performance.now() - vanishedAt)
      console.log(
        `${reason} (${code}) after ${afterMs} ms, last heard ${detectedMs} ms ago, ` +
          `decided by the ${evidence.decidedBy}`,
      )
    },
  },
})
console.log(`listening on ${server.address.host}:${server.address.port}`)

const clients = [await dial(), await dial()]
for (const client of clients) {
  testkit.attachDropAllFilter(fdOf(client))
}
vanishedAt = performance.now()

// To one of them the server has something to say. From here on the kernel sends that connection no
// keepalive probes, because bytes are unacknowledged: the liveness clock watches it.
const [, second] = server.connections
second?.write('are you there?')

await Promise.all([...server.connections].map((conn) => conn.closed))
for (const client of clients) {
  client.destroy()
}
await server.close()

// Afterwards the server has accepted it, and nothing is on its way.
async function dial(): Promise<net.Socket> {
  const client = net.connect(server.address.port, server.address.host)
  client.write('hello')
  await once(client, 'data')
  return client
}
