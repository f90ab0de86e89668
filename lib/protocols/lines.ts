import { lines } from '../codecs/lines.js'
import type { ProtocolConnection } from './definition.js'
import { type Protocol, protocol } from './protocol.js'

const NAME_CHARS_MAX = 32
const LINE_BYTES_MAX = 2048
/** Well below maxQueuedBytes: a broadcast of more than that ends whoever it is for. */
const SAID_CHARS_MAX = 65_536

interface Visitor {
  /** Empty until the first line. */
  name: string
}

type Member = ProtocolConnection<string, Visitor>

/**
 * A chat room, for one server: the first line of a connection is its name, each further one goes to
 * everybody. Lines end with LF or CR LF.
 */
export function chatRoom(): Protocol<string, string, Visitor> {
  const room = new Room()
  return protocol<string, string, Visitor>({
    codec: lines({ maxMessageBytes: LINE_BYTES_MAX }),
    options: {
      keepalive: 'interactive',
      // Who does not say a name makes room for others.
      deadlines: { handshakeMs: 60_000 },
      // A member who does not read: then the connection ends as slow-consumer.
      maxQueuedBytes: 1_048_576,
      // Everybody hears what one says: above it the client is read later.
      limits: { readBytesPerSecond: 16_384 },
    },
    state: () => ({ name: '' }),
    open: (visitor) => visitor.send('your name?'),
    message(visitor, line) {
      const text = printable(line)
      if (visitor.data.name === '') {
        visitor.data.name = text.slice(0, NAME_CHARS_MAX).trim() || `guest ${visitor.id}`
        visitor.ready()
        room.join(visitor)
      } else if (text !== '') {
        room.say(`${visitor.data.name}: ${text}`)
      }
    },
    malformed: (visitor) => visitor.send(`* a line has at most ${LINE_BYTES_MAX} bytes`),
    goodbye: (visitor) => visitor.send('* the room closes'),
  })
}

class Room {
  readonly #members = new Set<Member>()
  #said = ''

  join(member: Member): void {
    const { name } = member.data
    this.#members.add(member)
    // Registered next to what it undoes. It runs once, whatever ends the connection.
    member.onCleanup(({ reason }) => {
      this.#members.delete(member)
      this.say(`* ${name} left (${reason}), ${this.#members.size} here`)
    })
    this.say(`* ${name} joined, ${this.#members.size} here`)
  }

  /**
   * Collected over one turn of the event loop: a broadcast costs a system call for each member, and
   * a thousand short lines of one chunk must not cost a thousand times as many.
   */
  say(text: string): void {
    if (this.#said === '') {
      setImmediate(() => this.#tell())
    }
    this.#said += `${text}\n`
    if (this.#said.length > SAID_CHARS_MAX) {
      this.#tell()
    }
  }

  #tell(): void {
    const said = this.#said
    this.#said = ''
    const [member] = this.#members
    if (said !== '') {
      member?.server.broadcast(said, { to: this.#members })
    }
  }
}

/** What would move the cursor of another's terminal is left out. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, '')
}
