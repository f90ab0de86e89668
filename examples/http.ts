// A server of node:http on connections of holdfast: keepalive, deadlines and limits beneath, and why
// each client went.
//
//   PORT=7000 npx tsx examples/http.ts
//   curl http://127.0.0.1:7000/            curl -T FILE http://127.0.0.1:7000/echo

import { createServer, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ConnectionDuplex, listen } from 'holdfast'

interface Visit {
  requests: number
  /** The last one; ended or not. */
  response: ServerResponse | null
}

const app = createServer(async (request, response) => {
  const { connection } = request.socket as ConnectionDuplex<Visit>
  connection.data.requests++
  connection.data.response = response
  const [, route, count] = (request.url ?? '').split('/')
  try {
    if (route === 'echo') {
      await pipeline(request, response)
    } else if (route === 'count') {
      await pipeline(Readable.from(numbersTo(Number(count))), response)
    } else {
      response.end(`hello, this is request ${connection.data.requests}\n`)
    }
  } catch {
    response.destroy() // the client went in the middle; the cleanup hook says why
  }
})

/** 1 to `last`, a line each, a thousand lines at a time: made as fast as the client reads. */
function* numbersTo(last: number): Generator<string> {
  for (let from = 1; from <= last; from += 1000) {
    const length = Math.min(1000, last - from + 1)
    yield Array.from({ length }, (_, i) => `${from + i}\n`).join('')
  }
}

const server = await listen<Visit>({
  port: Number(process.env.PORT ?? 0),
  keepalive: process.env.WITHIN_MS ? { idleMs: 1000, intervalMs: 1000, count: 2 } : 'interactive',
  handler: {
    open(conn) {
      conn.data = { requests: 0, response: null }
      conn.onCleanup(({ remotePort, reason }) =>
        console.log(`${remotePort}: ${reason} after ${conn.data.requests} requests`),
      )
      // Half-open, as a server of node:http has its sockets: it answers who has said all.
      app.emit('connection', conn.toDuplex({ allowHalfOpen: true }))
    },
    // Who is being answered gets the whole answer before the connection ends.
    shutdown({ data: { response } }) {
      if (response !== null && !response.closed) {
        return new Promise((resolve) => response.once('close', resolve))
      }
      return undefined
    },
  },
})

process.once('SIGTERM', () => void server.close({ deadlineMs: 5_000 }))
console.log(`listening on ${server.address.host}:${server.address.port}`)
