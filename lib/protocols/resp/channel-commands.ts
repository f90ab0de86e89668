import { CHANNELS_MAX } from './channels.js'
import type { Command, Shared } from './command.js'
import { failure } from './reply.js'
import { ARGUMENTS_MAX, type Request } from './request.js'
import type { Client } from './session.js'

const TOO_MANY = failure(`ERR a connection listens to at most ${CHANNELS_MAX} channels`)

export const channelCommands: readonly Command[] = [
  {
    name: 'publish',
    min: 3,
    max: 3,
    run: (client, request, { channels }) =>
      channels.publish(client, request.text(1), request.text(2)),
  },
  { name: 'subscribe', min: 2, max: ARGUMENTS_MAX, whileListening: true, run: subscribe },
  { name: 'unsubscribe', min: 1, max: ARGUMENTS_MAX, whileListening: true, run: unsubscribe },
]

/** One reply for each channel. */
function subscribe(client: Client, request: Request, { channels }: Shared): undefined {
  for (let i = 1; i < request.count; i++) {
    const channel = request.text(i)
    const joined = channels.join(client, channel)
    client.send(joined ? ['subscribe', channel, listenedTo(client)] : TOO_MANY)
  }
}

function unsubscribe(client: Client, request: Request, { channels }: Shared): undefined {
  const given = Array.from({ length: request.count - 1 }, (_, i) => request.text(i + 1))
  const left = given.length > 0 ? given : [...(client.data.channels ?? [])]
  for (const channel of left) {
    channels.leave(client, channel)
    client.send(['unsubscribe', channel, listenedTo(client)])
  }
  if (left.length === 0) {
    client.send(['unsubscribe', null, 0])
  }
}

export function listenedTo(client: Client): number {
  return client.data.channels?.size ?? 0
}
