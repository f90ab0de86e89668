import { listenedTo } from './channel-commands.js'
import type { Command } from './command.js'
import { failure, OK, PONG, type Reply } from './reply.js'
import { ARGUMENTS_MAX, type Request } from './request.js'
import type { Client } from './session.js'

const CLIENTS_LISTED_MAX = 1000
const NAME_BYTES_MAX = 64
const TOO_MANY = failure(`ERR more than ${CLIENTS_LISTED_MAX} clients: ask server.inspect()`)
const BAD_NAME = failure(`ERR a name has 1 to ${NAME_BYTES_MAX} characters from ! to ~`)
const NO_RESP3 = failure('NOPROTO unsupported protocol version')
const UNKNOWN = failure('ERR unknown subcommand of CLIENT: LIST, ID, SETNAME, GETNAME')
const NO_OTHER = failure('ERR DB index is out of range')

export const connectionCommands: readonly Command[] = [
  { name: 'ping', min: 1, max: 2, whileListening: true, run: ping },
  { name: 'echo', min: 2, max: 2, run: (_, request) => request.text(1) },
  { name: 'client', min: 2, max: ARGUMENTS_MAX, run: askAboutClients },
  { name: 'select', min: 2, max: 2, run: (_, request) => (request.is(1, '0') ? OK : NO_OTHER) },
  { name: 'hello', min: 1, max: ARGUMENTS_MAX, run: hello },
  {
    name: 'quit',
    min: 1,
    max: 1,
    whileListening: true,
    run(client) {
      client.send(OK)
      client.end()
      return undefined
    },
  },
]

function ping(client: Client, request: Request): Reply {
  const text = request.count > 1 ? request.text(1) : null
  if (listenedTo(client) > 0) {
    return ['pong', text ?? '']
  }
  return text ?? PONG
}

/** RESP2 is what there is. A client that asks for 3 then goes on with 2. */
function hello({ id }: Client, request: Request): Reply {
  if (request.count > 1 && !request.is(1, '2')) {
    return NO_RESP3
  }
  const fields = { server: 'holdfast', version: '7.0.0', proto: 2, id, mode: 'standalone' }
  return [...Object.entries(fields).flat(), 'role', 'master', 'modules', []]
}

function askAboutClients(client: Client, request: Request): Reply {
  switch (request.word(1)) {
    case 'list':
      return list(client)
    case 'id':
      return client.id
    case 'getname':
      return client.data.name === '' ? null : client.data.name
    case 'setname': {
      const name = request.count === 3 ? request.text(2) : ''
      if (!/^[!-~]{1,64}$/.test(name)) {
        return BAD_NAME
      }
      client.data.name = name
      return OK
    }
    // A library says its name and version; it goes on without.
    case 'setinfo':
      return OK
    default:
      return UNKNOWN
  }
}

function list(asking: Client): Reply {
  if (asking.server.counters.open > CLIENTS_LISTED_MAX) {
    return TOO_MANY
  }
  let text = ''
  for (const connection of asking.server.connections) {
    text += line(connection as Client)
  }
  return text
}

/** As redis-cli shows it; the times in seconds, from the reactor and the kernel. */
function line(client: Client): string {
  const info = client.info()
  if (info === null) {
    return ''
  }
  const { id, data } = client
  data.address ??= addressOf(client)
  const channels = listenedTo(client)
  const { durationMs, silentMs, tcp } = info
  const idleMs = Math.min(tcp?.lastDataReceivedMs ?? silentMs ?? 0, durationMs)
  return (
    `id=${id} addr=${data.address} name=${data.name}` +
    ` age=${Math.floor(durationMs / 1000)} idle=${Math.floor(idleMs / 1000)}` +
    ` flags=${channels > 0 ? 'P' : 'N'} db=0 sub=${channels} omem=${info.bytesQueued}` +
    ` tot-net-in=${info.bytesRead} tot-net-out=${info.bytesWritten}` +
    ` rtt-us=${tcp?.rttUs ?? -1} silent-ms=${silentMs ?? -1}\n`
  )
}

function addressOf({ remoteAddress, remotePort }: Client): string {
  const host = remoteAddress?.includes(':') ? `[${remoteAddress}]` : remoteAddress
  return `${host ?? 'unknown'}:${remotePort ?? 0}`
}
