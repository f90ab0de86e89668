import { onTestFinished } from 'vitest'
import type { DisconnectCompletion } from '../../../../lib/core/completion.js'
import { type RespOptions, resp } from '../../../../lib/protocols/resp/index.js'
import { testServer } from '../../../../lib/testing/index.js'

/** A command as a client library sends it. */
export function command(...words: string[]): string {
  const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`)
  return `*${words.length}\r\n${parts.join('')}`
}

/** A server without sockets, and clients that send and hear bytes as latin1. */
export function conversation(options: RespOptions = {}) {
  const bench = testServer(resp(options))
  onTestFinished(() => bench[Symbol.asyncDispose]())
  const completions: DisconnectCompletion[] = []
  bench.server.onDisconnect((completion) => {
    completions.push(completion)
  })
  const join = () => {
    const client = bench.connect()
    let heard = 0
    return {
      client,
      /** What comes back for these bytes, and has come since the last time. */
      async ask(bytes: string): Promise<string> {
        if (bytes !== '') {
          client.send(Buffer.from(bytes, 'latin1'))
        }
        await bench.settle()
        const answer = client.received.subarray(heard).toString('latin1')
        heard = client.received.length
        return answer
      },
    }
  }
  return { bench, completions, join, ...join() }
}
