import { checkOptionNames, integerOption } from '../../core/validate.js'
import { type Protocol, protocol } from '../protocol.js'
import { channelCommands, listenedTo } from './channel-commands.js'
import { Channels } from './channels.js'
import { RespCodec } from './codec.js'
import { type Command, CommandTable, type Shared } from './command.js'
import { connectionCommands } from './connection-commands.js'
import { keyCommands } from './key-commands.js'
import { failure, type Reply } from './reply.js'
import type { Request } from './request.js'
import { serverCommands } from './server-commands.js'
import type { Session } from './session.js'
import { Store } from './store.js'
import { Sweeping } from './sweeping.js'

const STORED_BYTES_DEFAULT = 256 * 1024 * 1024
const NAME_PRINTED_MAX = 64

const COMMANDS = new CommandTable([
  ...keyCommands,
  ...channelCommands,
  ...connectionCommands,
  ...serverCommands,
])

export interface RespOptions {
  /** Of all keys and values, 96 bytes a key added; then SET is refused. 0 to 2^40, default 256 MiB. */
  maxStoredBytes?: number
}

/** A server of the Redis protocol (RESP2), for one server: its connections share what is stored. */
export function resp(options: RespOptions = {}): Protocol<Request, Reply, Session> {
  checkOptionNames('resp', { ...options }, ['maxStoredBytes'])
  const { maxStoredBytes = STORED_BYTES_DEFAULT } = options
  integerOption('maxStoredBytes', maxStoredBytes, 0, 2 ** 40, 'bytes')
  const store = new Store(maxStoredBytes, Date.now)
  const shared: Shared = { store, channels: new Channels() }
  const sweeping = new Sweeping(store)
  return protocol<Request, Reply, Session>({
    codec: new RespCodec(),
    state: () => ({ name: '', channels: null }),
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
