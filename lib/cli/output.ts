import type { Writable } from 'node:stream'
import type { Format, ServeEvent } from './events.js'

// Above this open, disconnect and refused lines are dropped and counted; stats tells how many.
const QUEUED_EVENTS_MAX = 262_144

// A slice of this many lines takes a few milliseconds; the event loop turns between two slices.
const SLICE_EVENTS_MAX = 512

/**
 * Prints events in order, in slices between turns of the event loop: a storm of disconnects is
 * queued as objects and formatted while the server goes on. A slow reader slows the printing, never
 * the server; a reader that has gone ends it.
 */
export class Output {
  readonly #stream: Writable
  readonly #format: Format
  #events: ServeEvent[] = []
  #next = 0
  #dropped = 0
  /** A slice is on its way, or the stream will say when it takes more. */
  #busy = false
  #broken = false
  #whenEmpty: (() => void) | null = null

  constructor(stream: Writable, format: Format) {
    this.#stream = stream
    this.#format = format
    // EPIPE and its like: nobody reads any more, and that is no reason to stop serving.
    stream.on('error', () => this.#break())
  }

  print(event: ServeEvent): void {
    if (this.#broken) {
      return
    }
    if (this.#events.length - this.#next >= QUEUED_EVENTS_MAX && isDroppable(event)) {
      this.#dropped++
      return
    }
    this.#events.push(event)
    if (!this.#busy) {
      this.#busy = true
      setImmediate(() => this.#slice())
    }
  }

  /** Resolves when everything printed so far was handed to the stream, or can never be. */
  async flushed(): Promise<void> {
    while (this.#busy && !this.#broken) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve
      })
    }
  }

  #slice(): void {
    if (this.#broken) {
      return
    }
    const end = Math.min(this.#events.length, this.#next + SLICE_EVENTS_MAX)
    let text = ''
    while (this.#next < end) {
      text += `${this.#format(this.#events[this.#next++] as ServeEvent, this.#dropped)}\n`
    }
    if (this.#next === this.#events.length) {
      this.#events = []
      this.#next = 0
    }
    const goOn = (): void => {
      if (this.#next < this.#events.length) {
        setImmediate(() => this.#slice())
        return
      }
      this.#busy = false
      this.#whenEmpty?.()
    }
    if (this.#stream.write(text) || this.#broken) {
      goOn()
    } else {
      this.#stream.once('drain', goOn)
    }
  }

  #break(): void {
    this.#broken = true
    this.#events = []
    this.#next = 0
    this.#whenEmpty?.()
  }
}

function isDroppable(event: ServeEvent): boolean {
  return event.event === 'open' || event.event === 'disconnect' || event.event === 'refused'
}
