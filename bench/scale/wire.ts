import type { Asker } from './asking.js'
import type { Window } from './window.js'

/** Ethernet, IP and TCP with its timestamps: a frame that carries nothing. */
const frameBytes = 66
/** A probe and its answer; a ping and a pong, each with an acknowledgement. */
const bytesPerAskMax = { 'kernel-probes': 2 * frameBytes, heartbeat: 4 * (frameBytes + 1) }
/** A little is asked again, or told twice. */
const margin = 1.1

const secondsPerDay = 86_400

export interface Wire {
  readonly figures: Readonly<Record<string, number>>
  /** Why there is no figure. */
  readonly reason?: string
}

/** The bytes of asking, beyond what went over loopback while nobody was asked. */
export function wireFigures(
  by: Asker,
  window: Window,
  [before, after]: readonly [Window, Window],
  { connections, asksPerSecond }: { readonly connections: number; readonly asksPerSecond: number },
): Wire {
  const quiet = (before.wireBytesPerSecond + after.wireBytesPerSecond) / 2
  const added = window.wireBytesPerSecond - quiet
  const bytesPerAsk = added / asksPerSecond
  if (bytesPerAsk > 0 && bytesPerAsk <= margin * bytesPerAskMax[by]) {
    return { figures: { bytesPerConnectionDay: (added * secondsPerDay) / connections } }
  }
  const bytes = `${Math.round(bytesPerAsk)} bytes a question`
  return { figures: {}, reason: `${bytes} on loopback: the packets of others are among them` }
}
