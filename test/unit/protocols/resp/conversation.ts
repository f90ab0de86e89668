import { resp } from '../../../../lib/protocols/resp/index.js'
import { fakeServer } from '../../../support/fake-server.js'

/** A command as a client library sends it. */
export function command(...words: string[]): string {
  const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`)
  return `*${words.length}\r\n${parts.join('')}`
}

/** A server without sockets and one client of it. */
export function conversation(options: Parameters<typeof resp>[0] = {}) {
  const protocol = resp(options)
  const { native, server, completions } = fakeServer(protocol as never, protocol.options)
  const peer = native.connect()
  let heard = 0
  return {
    native,
    server,
    completions,
    peer,
    /** What comes back for these bytes, one character a byte. */
    async ask(bytes: string): Promise<string> {
      peer.send(Buffer.from(bytes, 'latin1'))
      await native.settle()
      const answer = peer.text.slice(heard)
      heard = peer.text.length
      return answer
    },
  }
}
