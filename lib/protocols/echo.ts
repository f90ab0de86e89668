import type { Handler } from '../core/contract.js'

/** Sends back what it receives (RFC 862). Stops reading while the peer does not. */
export const echo: Handler = {
  data(connection, chunk) {
    if (!connection.write(chunk) && connection.writable) {
      connection.pause()
    }
  },
  drain(connection) {
    connection.resume()
  },
}
