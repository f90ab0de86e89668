import type { Command, Shared } from './command.js'
import { failure, type Reply } from './reply.js'
import { ARGUMENTS_MAX, type Request } from './request.js'
import type { Client } from './session.js'

// What redis-benchmark asks before it starts.
const SETTINGS = new Map([
  ['save', ''],
  ['appendonly', 'no'],
])
const UNKNOWN = failure('ERR unknown subcommand of CONFIG: GET')

/** As much as redis-cli and redis-benchmark ask about a server. */
export const serverCommands: readonly Command[] = [
  // redis-cli asks for the help it shows while one types, and does without.
  { name: 'command', min: 1, max: ARGUMENTS_MAX, run: () => [] },
  {
    name: 'config',
    min: 3,
    max: ARGUMENTS_MAX,
    run: (_, request) => (request.is(1, 'get') ? settings(request) : UNKNOWN),
  },
  { name: 'info', min: 1, max: ARGUMENTS_MAX, run: (client, _, shared) => info(client, shared) },
]

function settings(request: Request): Reply {
  const found: string[] = []
  for (let i = 2; i < request.count; i++) {
    const name = request.word(i)
    const value = SETTINGS.get(name)
    if (value !== undefined) {
      found.push(name, value)
    }
  }
  return found
}

function info({ server }: Client, { store, channels }: Shared): Reply {
  const { counters } = server
  const sections = {
    Server: { server_name: 'holdfast', io: server.io, tcp_port: server.address.port },
    Clients: { connected_clients: counters.open, pubsub_channels: channels.size },
    Memory: { stored_bytes: store.bytes },
    Stats: {
      total_connections_received: counters.accepted,
      total_net_input_bytes: counters.bytesRead,
      total_net_output_bytes: counters.bytesWritten,
    },
    Keyspace: { db0: `keys=${store.size},expires=${store.expiring}` },
  }
  return Object.entries(sections)
    .map(([name, fields]) => {
      const lines = Object.entries(fields).map(([field, value]) => `${field}:${value}\r\n`)
      return `# ${name}\r\n${lines.join('')}`
    })
    .join('\r\n')
}
