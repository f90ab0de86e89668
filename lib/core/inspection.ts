import { EVIDENCE, SOCKET, SOCKET_EVIDENCE, SOCKET_ROW_WORDS } from '../native/records.js'
import type { TcpConnection } from './connection.js'
import type { InspectedConnection } from './contract.js'
import { GONE } from './flags.js'
import type { ServerState } from './server-state.js'
import { readTimer } from './socket-row.js'
import { known, readTcpInfo } from './tcp-info.js'

/** All open connections of one listener; empty when it is gone. */
export function inspectConnections(
  home: ServerState,
  listener: number,
  find: (slot: number, generation: number) => TcpConnection | null,
): InspectedConnection[] {
  const inspection = home.native.inspectAll(listener)
  if (inspection === undefined) {
    return []
  }
  const words = new Float64Array(inspection.rows)
  const found: InspectedConnection[] = []
  for (let row = 0; row < inspection.count; row++) {
    const base = row * SOCKET_ROW_WORDS
    const slot = words[base + SOCKET.slot] as number
    const connection = find(slot, words[base + SOCKET.generation] as number)
    // Of one whose end has been asked for meanwhile, conn.info() tells nothing either.
    if (connection === null || (connection.flags & GONE) !== 0) {
      continue
    }
    const evidence = base + SOCKET_EVIDENCE
    found.push({
      connection,
      bytesRead: words[evidence + EVIDENCE.bytesRead] as number,
      bytesWritten: words[evidence + EVIDENCE.bytesWritten] as number,
      bytesQueued: home.queuedBytes[slot] as number,
      durationMs: words[evidence + EVIDENCE.durationMs] as number,
      silentMs: known(words[evidence + EVIDENCE.detectedMs]),
      tcp: readTcpInfo(words, evidence),
      timer: readTimer(words, base),
    })
  }
  return found
}
