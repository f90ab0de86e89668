import { REASON_NAMES, REFUSAL_NAMES } from '../native/records.js'
import {
  DISCONNECT_REASONS,
  type DisconnectReason,
  REFUSAL_CAUSES,
  type RefusalCause,
} from './reasons.js'

/**
 * What one server has seen since it began to listen. At every moment
 * `arrived = accepted + sum(refused)` and `accepted = open + sum(closed)`.
 */
export interface ServerCounters {
  /** Counted by itself, where connections are accepted. */
  arrived: number
  accepted: number
  open: number
  closed: Record<DisconnectReason, number>
  refused: Record<RefusalCause, number>
  /** Received from the kernel. */
  bytesRead: number
  /** Taken by the kernel. */
  bytesWritten: number
  /** Writes to a connection that had ended; their bytes went nowhere. */
  writesAfterEnd: number
  /** How often a limit stopped the reading of a connection for a while: `readBytesPerSecond`, `pingsPerMinute`. */
  throttled: number
  /**
   * Memory that write queues hold now for bytes that the kernel has not taken. What a broadcast left
   * is in it once. 0 when all queues are empty.
   */
  queueMemoryBytes: number
}

/** The running totals behind ServerCounters. Typed arrays, because sums in plain fields would be boxed. */
export class CounterStore {
  /** Indexed by the constants below. */
  readonly totals = new Float64Array(5)
  readonly #closed = new Float64Array(REASON_NAMES.length)
  readonly #refused = new Float64Array(REFUSAL_NAMES.length)
  accepted = 0
  open = 0
  #arrived = 0
  #arrivedWord = 0

  /** `word`: the native count of arrivals, cut to 32 bits, with each record that accounts for some. */
  arrived(word: number): void {
    this.#arrived += (word - this.#arrivedWord) >>> 0
    this.#arrivedWord = word
  }

  opened(): void {
    this.accepted++
    this.open++
  }

  closed(reason: DisconnectReason): void {
    this.open--
    add(this.#closed, REASON_NAMES.indexOf(reason), 1)
  }

  refused(cause: RefusalCause, count: number): void {
    add(this.#refused, REFUSAL_NAMES.indexOf(cause), count)
  }

  /**
   * Of open connections: `queuedBytes`, what they have handed over and the kernel has not taken;
   * `throttled`, how often they were.
   */
  snapshot(queuedBytes: number, throttled: number, queueMemoryBytes: number): ServerCounters {
    const refused = byName(REFUSAL_CAUSES, REFUSAL_NAMES, this.#refused)
    const total = (index: number): number => this.totals[index] as number
    return {
      arrived: this.#arrived,
      accepted: this.accepted,
      open: this.open,
      closed: byName(DISCONNECT_REASONS, REASON_NAMES, this.#closed),
      refused,
      bytesRead: total(BYTES_READ),
      bytesWritten: total(BYTES_HANDED_OVER) - total(BYTES_DROPPED) - queuedBytes,
      writesAfterEnd: total(WRITES_AFTER_END),
      throttled: total(THROTTLED) + throttled,
      queueMemoryBytes,
    }
  }
}

export const BYTES_READ = 0
export const BYTES_HANDED_OVER = 1
export const BYTES_DROPPED = 2
export const WRITES_AFTER_END = 3
/** Of connections that have ended. */
export const THROTTLED = 4

/** `counts[index] += amount`, for an index known to be inside. */
export function add(counts: Float64Array, index: number, amount: number): void {
  counts[index] = (counts[index] as number) + amount
}

function byName<Name extends string>(
  names: readonly Name[],
  table: readonly string[],
  counts: Float64Array,
): Record<Name, number> {
  return Object.fromEntries(
    names.map((name) => [name, counts[table.indexOf(name)] ?? 0]),
  ) as Record<Name, number>
}
