import type { NativeModule } from '../native/reactor.js'
import { noSocketTable } from './errors.js'
import { type PortSocket, readPortRows } from './socket-row.js'

/**
 * The TCP connections of this network namespace with that local port, whichever process holds them:
 * sock_diag(7), which needs no privilege. Listeners, handshakes under way and time-wait are left out.
 * @throws HoldfastError ERR_HOLDFAST_SOCK_DIAG where the system does not tell
 */
export function readPortSockets(native: NativeModule, port: number): PortSocket[] {
  let rows: ArrayBuffer
  try {
    rows = native.readPortSockets(port)
  } catch (error) {
    throw noSocketTable(error as Error)
  }
  return readPortRows(rows)
}
