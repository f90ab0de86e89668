import type { Command, Shared } from './command.js'
import { ARGUMENTS_MAX, type Request } from './request.js'
import type { Client } from './session.js'

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
    const refusal = channels.join(client, channel)
    client.send(refusal ?? ['subscribe', channel, listenedTo(client)])
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
