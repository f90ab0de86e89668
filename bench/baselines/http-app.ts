import { createServer, type Server } from 'node:http'
import type { Counters } from './control.js'

/** The application that is measured, on whatever it is given connections by: it answers the path. */
export function httpApp(counters: Counters): Server {
  return createServer((request, response) => {
    const { url = '' } = request
    counters.receivedBytes += url.length
    counters.sentBytes += url.length
    response.setHeader('Content-Length', url.length)
    response.end(url)
  })
}
