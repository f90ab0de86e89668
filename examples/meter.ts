// The protocol that docs/guide/writing-a-protocol.md builds: meters say who they are and what they
// have counted, and anybody may ask for the sum.
//
//   npx holdfast serve --protocol examples/meter.ts
//   nc 127.0.0.1 7007        then: hello lamp, count 3, sum

import { lines, ProtocolError, protocol } from 'holdfast'

const COUNT_MAX = 1_000_000_000

/** Of the meters that are here. */
const counts = new Map<string, number>()

export default protocol({
  codec: lines({ maxMessageBytes: 200 }),
  options: {
    keepalive: 'nat',
    heartbeat: { intervalMs: 50_000, replyMs: 10_000 },
    deadlines: { handshakeMs: 10_000 },
  },
  state: () => ({ name: '' }),
  async message(conn, line) {
    const [verb, word = ''] = line.split(' ')
    if (verb === 'hello' && conn.data.name === '' && word !== '') {
      await greet(conn, word)
    } else if (verb === 'count' && conn.data.name !== '') {
      counts.set(conn.data.name, countOf(word))
      conn.send('ok')
    } else if (verb === 'sum') {
      conn.send(`sum ${[...counts.values()].reduce((sum, count) => sum + count, 0)}`)
    } else if (verb !== 'pong') {
      conn.send('say: hello NAME, then: count NUMBER; or: sum')
    }
  },
  malformed: (conn, error) => void conn.send(`no: ${error.message}`),
  heartbeat: (conn) => conn.send('ping'),
  goodbye: (conn) => conn.send('bye'),
})

type Meter = import('holdfast').ProtocolConnection<string, { name: string }>

async function greet(conn: Meter, name: string): Promise<void> {
  conn.data.name = name
  conn.ready()
  // One that lost its network comes back before the old connection is known to be dead: that one ends
  // as `replaced`, and its hook has run when this goes on.
  await conn.server.identify(conn, name)
  conn.onCleanup(() => counts.delete(name))
  conn.send(`hello ${name}`)
}

function countOf(word: string): number {
  const count = Number(word)
  if (word === '' || !Number.isSafeInteger(count) || count < 0 || count > COUNT_MAX) {
    throw new ProtocolError(`a count must be a whole number up to ${COUNT_MAX}`, {
      limit: COUNT_MAX,
    })
  }
  return count
}
