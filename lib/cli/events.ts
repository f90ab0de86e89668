import type { DisconnectCompletion } from '../core/completion.js'
import type { ServerCounters } from '../core/counters.js'
import type { EffectiveKeepalive } from '../core/effective-keepalive.js'
import type { RefusalCause } from '../core/reasons.js'
import type { IoKind } from '../native/reactor.js'

/** Everything `holdfast serve` prints; the names are a contract that scripts rely on. */
export type ServeEvent =
  | {
      event: 'listening'
      host: string
      port: number
      pid: number
      io: IoKind
      keepalive: EffectiveKeepalive
    }
  | { event: 'open'; id: number; remoteAddress: string | null; remotePort: number | null }
  | { event: 'disconnect'; completion: DisconnectCompletion }
  | { event: 'refused'; cause: RefusalCause; count: number }
  | { event: 'stats'; counters: ServerCounters }
  | { event: 'closed' }

/** One line, without its end. `dropped`: lines that did not fit the queue so far. */
export type Format = (event: ServeEvent, dropped: number) => string
