import type { Codec } from '../codecs/codec.js'
import { lines } from '../codecs/lines.js'
import { checkOptionNames } from '../core/validate.js'
import type { ProtocolConnection } from './definition.js'
import { type Protocol, protocol } from './protocol.js'

const NAME = /^i am ([\w.-]{1,64})$/
const LINE_BYTES_MAX = 256
const LISTED_MAX = 1000
/** As many names as are listed, and what stands around them. */
const ANSWER_BYTES_MAX = 65_536
const HEARTBEAT_MS_DEFAULT = 50_000
const USAGE = 'say once: i am NAME, or: who, ping, pong'

interface Device {
  /** Empty until it says `i am`. */
  name: string
}

type DeviceConnection = ProtocolConnection<string, Device>

export interface PresenceOptions {
  /** A device that was silent for so long is sent `ping`, and has as long to answer. Default 50000. */
  heartbeatMs?: number
}

/**
 * Which devices are online, for one server. A device says `i am NAME`; anybody may ask `who`. One that
 * comes back ends its own past, and one that does not answer `ping` is gone.
 */
export function presence(options: PresenceOptions = {}): Protocol<string, string, Device> {
  checkOptionNames('presence', { ...options }, ['heartbeatMs'])
  const { heartbeatMs = HEARTBEAT_MS_DEFAULT } = options
  const online = new Set<string>()
  return protocol<string, string, Device>({
    codec: shortLines(),
    options: {
      keepalive: 'nat',
      heartbeat: { intervalMs: heartbeatMs, replyMs: heartbeatMs },
      limits: { pingsPerMinute: 60, whenPinging: 'end' },
    },
    state: () => ({ name: '' }),
    // A promise is waited for before the next line is read: no device is asked twice who it is.
    answer(device, line) {
      const name = NAME.exec(line)?.[1]
      if (name !== undefined && device.data.name === '') {
        return attend(device, name, online)
      }
      switch (line) {
        case 'who':
          return `here: ${listed(online)}`
        case 'ping':
          device.pinged()
          return 'pong'
        // Whatever comes after our ping is an answer.
        case 'pong':
          return undefined
        default:
          return USAGE
      }
    },
    heartbeat: (device) => device.send('ping'),
    malformed: (device) => device.send(`a line has at most ${LINE_BYTES_MAX} bytes`),
  })
}

/** What a device says is short, what it is told need not be. */
function shortLines(): Codec<string> {
  const said = lines({ maxMessageBytes: LINE_BYTES_MAX })
  const told = lines({ maxMessageBytes: ANSWER_BYTES_MAX })
  return {
    maxFrameBytes: said.maxFrameBytes,
    borrows: said.borrows,
    decode: (input) => said.decode(input),
    encode: (line, output) => told.encode(line, output),
  }
}

/**
 * A device that lost its network comes back before its old connection is known to be dead. The old one
 * ends as `replaced`, and its hook has run when identify() resolves.
 */
async function attend(
  device: DeviceConnection,
  name: string,
  online: Set<string>,
): Promise<string | undefined> {
  device.data.name = name
  const past = await device.server.identify(device, name)
  if (!device.writable) {
    return undefined // replaced itself meanwhile
  }
  online.add(name)
  device.onCleanup(() => online.delete(name))
  return past === null ? `you are ${name}` : `you are ${name}, and were (${past.reason})`
}

function listed(online: ReadonlySet<string>): string {
  if (online.size === 0) {
    return 'nobody'
  }
  const names: string[] = []
  for (const name of online) {
    if (names.length === LISTED_MAX) {
      names.push(`and ${online.size - LISTED_MAX} more`)
      break
    }
    names.push(name)
  }
  return names.join(' ')
}
