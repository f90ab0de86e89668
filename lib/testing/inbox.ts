import { type Codec, INCOMPLETE } from '../codecs/codec.js'
import { Input } from '../codecs/input.js'

/** What a client was sent, and how much of it the test has taken. */
export class Inbox {
  #all: Buffer = Buffer.alloc(0)
  #arrived: Buffer[] = []
  #taken = 0
  #seen = 0
  /** What is neither taken nor seen is no concern of the test's. */
  ignoresRest = false
  /** The last receive() has failed, and the test knows by that. */
  isMissing = false

  add(bytes: Buffer): void {
    this.#arrived.push(bytes)
  }

  /** From the first byte on. */
  get all(): Buffer {
    if (this.#arrived.length > 0) {
      this.#all = Buffer.concat([this.#all, ...this.#arrived.splice(0)])
    }
    return this.#all
  }

  get rest(): Buffer {
    return this.all.subarray(this.#taken)
  }

  /** The next message, as INCOMPLETE while it has not all come. */
  next<Message>(codec: Codec<Message, never>): Message | typeof INCOMPLETE {
    const bytes = this.all
    if (this.#taken === bytes.length) {
      return INCOMPLETE
    }
    const input = new Input()
    input.set(bytes, this.#taken, bytes.length, this.#taken, 0)
    const message = codec.decode(input)
    if (message !== INCOMPLETE) {
      this.#taken = input.start
    }
    return message
  }

  /** A copy of that many of the rest, which must be there. */
  take(count: number): Buffer {
    const bytes = Buffer.from(this.rest.subarray(0, count))
    this.#taken += bytes.length
    return bytes
  }

  /** A copy of all of it, which the test has seen then. */
  look(): Buffer {
    this.#seen = this.all.length
    return Buffer.from(this.all)
  }

  /** What the test has neither taken nor seen, and does not ignore. */
  get leftOver(): Buffer {
    const from =
      this.ignoresRest || this.isMissing ? this.all.length : Math.max(this.#taken, this.#seen)
    return this.all.subarray(from)
  }
}
