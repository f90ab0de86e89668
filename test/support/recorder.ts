import type { Connection, Handler } from '../../lib/core/contract.js'

/** Writes down what the handler saw, as 'name' or 'name:text'. */
export function recorder(handler: Handler = {}) {
  const seen: string[] = []
  const connections: Connection[] = []
  const recording: Handler = {
    open(connection) {
      connections.push(connection)
      seen.push('open')
      return handler.open?.(connection)
    },
    data(connection, chunk) {
      seen.push(`data:${chunk}`)
      return handler.data?.(connection, chunk)
    },
    drain(connection) {
      seen.push('drain')
      return handler.drain?.(connection)
    },
    end(connection) {
      seen.push('end')
      return handler.end?.(connection)
    },
    close(connection, completion) {
      seen.push(`close:${completion.reason}`)
      return handler.close?.(connection, completion)
    },
  }
  return { seen, connections, recording }
}
