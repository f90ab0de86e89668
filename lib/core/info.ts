import type { NativePeer } from '../native/reactor.js'
import { EVIDENCE } from '../native/records.js'
import type { ConnectionInfo } from './contract.js'
import type { ServerState } from './server-state.js'
import { known, readTcpInfo } from './tcp-info.js'

/** Asks native for the evidence of an open connection; null when the id is stale. */
export function readConnectionInfo(
  home: ServerState,
  slot: number,
  generation: number,
): ConnectionInfo | null {
  if (!home.native.readInfo(slot, generation)) {
    return null
  }
  const words = new Float64Array(home.native.scratch)
  return {
    bytesRead: words[EVIDENCE.bytesRead] as number,
    bytesWritten: words[EVIDENCE.bytesWritten] as number,
    bytesQueued: home.queuedBytes[slot] as number,
    durationMs: words[EVIDENCE.durationMs] as number,
    silentMs: known(words[EVIDENCE.detectedMs]),
    tcp: readTcpInfo(words, 0),
  }
}

/** The other end of an open connection; null when the id is stale or the system did not tell. */
export function readPeer(home: ServerState, slot: number, generation: number): NativePeer | null {
  const peer = home.native.peer(slot, generation)
  return peer === undefined || peer.family === 0 ? null : peer
}
