import { getHeapStatistics } from 'node:v8'
import { checkOptionNames, integerOption } from '../../core/validate.js'
import type { ProtocolOptions } from '../definition.js'
import { type Protocol, protocol } from '../protocol.js'
import { channelCommands, listenedTo } from './channel-commands.js'
import { Channels, SUBSCRIPTIONS_MAX } from './channels.js'
import { RespCodec } from './codec.js'
import { type Command, CommandTable, type Shared } from './command.js'
import { connectionCommands } from './connection-commands.js'
import { keyCommands } from './key-commands.js'
import { failure, type Reply } from './reply.js'
import type { Request } from './request.js'
import { serverCommands } from './server-commands.js'
import type { Session } from './session.js'
import { KEYS_MAX, Store } from './store.js'
import { Sweeping } from './sweeping.js'

const STORED_BYTES_DEFAULT = 256 * 1024 * 1024
const NAME_PRINTED_MAX = 64

const OPTIONS: ProtocolOptions = {
  // An idle connection of a client library is none that is to be ended; one that vanished is.
  keepalive: 'cloud-lb',
  deadlines: {
    // Of QUIT, and of what is no command.
    endMs: 10_000,
    // Who never reads all that was answered.
    backlogMs: 300_000,
  },
  // Who listens and does not read: then it ends as slow-consumer.
  maxQueuedBytes: 8 * 1024 * 1024,
  limits: { queuedBytes: 256 * 1024 * 1024 },
}

const COMMANDS = new CommandTable([
  ...keyCommands,
  ...channelCommands,
  ...connectionCommands,
  ...serverCommands,
])

export interface RespOptions {
  /**
   * Of all keys and values, 96 bytes a key added; then SET is refused. 0 to half of what the heap may
   * grow to (node --max-old-space-size), for there they are kept. Default 256 MiB.
   */
  maxStoredBytes?: number
}

/** A server of the Redis protocol (RESP2), for one server: its connections share what is stored. */
export function resp(options: RespOptions = {}): Protocol<Request, Reply, Session> {
  checkOptionNames('resp', { ...options }, ['maxStoredBytes'])
  const storedBytesMax = Math.floor(getHeapStatistics().heap_size_limit / 2)
  const { maxStoredBytes = Math.min(STORED_BYTES_DEFAULT, storedBytesMax) } = options
  integerOption('maxStoredBytes', maxStoredBytes, 0, storedBytesMax, 'bytes')
  const store = new Store(maxStoredBytes, KEYS_MAX, Date.now)
  const shared: Shared = { store, channels: new Channels(SUBSCRIPTIONS_MAX) }
  const sweeping = new Sweeping(store)
  return protocol<Request, Reply, Session>({
    codec: new RespCodec(),
    options: OPTIONS,
    state: () => ({ name: '', address: null, channels: null }),
    open: () => sweeping.opened(),
    answer(client, request) {
      if (request.count === 0) {
        return undefined
      }
      const command = COMMANDS.find(request)
      if (command === undefined) {
        return unknown(request)
      }
      if (request.count < command.min || request.count > command.max) {
        return failure(`ERR wrong number of arguments for '${command.name}' command`)
      }
      if (listenedTo(client) > 0 && command.whileListening !== true) {
        return onlyListening(command)
      }
      const reply = command.run(client, request, shared)
      sweeping.check()
      return reply
    },
    malformed(client, error) {
      client.send(failure(`ERR Protocol error: ${error.message}`))
    },
    close: () => sweeping.closed(),
  })
}

function unknown(request: Request): Reply {
  return failure(`ERR unknown command '${request.text(0).slice(0, NAME_PRINTED_MAX)}'`)
}

function onlyListening({ name }: Command): Reply {
  const allowed = 'only SUBSCRIBE, UNSUBSCRIBE, PING and QUIT are allowed in this context'
  return failure(`ERR Can't execute '${name}': ${allowed}`)
}
