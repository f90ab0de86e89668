import { describe, expect, test } from 'vitest'
import { connectClient } from '../support/client.js'
import { io } from '../support/process-child.js'
import { connect, connectMany } from '../support/process-clients.js'
import { straceMissing } from '../support/process-strace.js'
import { exchangeLines } from './exchange.js'
import { type Fault, Injection } from './fault.js'
import { startServer } from './server.js'

const CLIENTS = 10

// More than the buffers of both ends, so that a queue of pieces is sent when its reader goes on.
const GETS = 200
const GET_BYTES = 65_536

const missing = await straceMissing()
const receive = io === 'uv' ? 'read' : 'recvfrom'
const send = io === 'uv' ? 'write' : 'sendto'

interface Row extends Fault {
  times: number
  /** How the one connection ends that the fault meets; null: it goes on. */
  end: string | null
}

const rows: Row[] = [
  { call: receive, error: 'ECONNRESET', times: 1, end: 'peer-reset ECONNRESET' },
  { call: receive, error: 'ETIMEDOUT', times: 1, end: 'keepalive-timeout ETIMEDOUT' },
  { call: receive, error: 'EHOSTUNREACH', times: 1, end: 'unreachable EHOSTUNREACH' },
  { call: receive, error: 'ENOMEM', times: 1, end: 'io-error ENOMEM' },
  { call: receive, error: 'EINTR', times: 3, end: null },
  { call: receive, error: 'EAGAIN', times: 1, end: null },
  { call: send, error: 'EPIPE', times: 1, end: 'peer-reset EPIPE' },
  { call: send, error: 'ECONNRESET', times: 1, end: 'peer-reset ECONNRESET' },
  { call: send, error: 'ENOMEM', times: 1, end: 'io-error ENOMEM' },
  // libuv waits until the socket is writable.
  { call: send, error: 'ENOBUFS', times: 1, end: io === 'uv' ? null : 'io-error ENOBUFS' },
  { call: send, error: 'EINTR', times: 3, end: null },
  { call: send, error: 'EAGAIN', times: 1, end: null },
]

const sendPieces = io === 'uv' ? 'writev' : 'sendmsg'

// Not EAGAIN: the kernel would never say it here, and then tell of no room to come.
const queuedRows: Row[] = [
  { call: sendPieces, error: 'EPIPE', times: 1, end: 'peer-reset EPIPE' },
  { call: sendPieces, error: 'ENOMEM', times: 1, end: 'io-error ENOMEM' },
  { call: sendPieces, error: 'ENOBUFS', times: 1, end: io === 'uv' ? null : 'io-error ENOBUFS' },
  { call: sendPieces, error: 'EINTR', times: 3, end: null },
]

// V8 without helpers: their messages to the main thread would be read, and could meet the fault.
const QUIET = { program: [process.execPath, '--single-threaded'] }

function titleOf({ call, error, times, end }: Row): string {
  const outcome = end === null ? 'all go on' : `one ends, ${end}, the others go on`
  return `${call} fails with ${error}${times > 1 ? `, ${times} times` : ''}: ${outcome}`
}

describe.skipIf(missing !== '')('a system call of the transfer fails on a live server', () => {
  test.for(rows.map((row) => [titleOf(row), row] as const))('%s', async ([, { end, ...fault }]) => {
    const server = await startServer({}, QUIET)
    const clients = await connectMany(server.port, CLIENTS)
    await exchangeLines(clients)
    const heard = clients.map(({ received }) => received.length)
    const injection = await Injection.begin(server.pid, fault)
    for (const { socket } of clients) socket.write('one\n')
    await injection.happened()
    await injection.end()
    // An edge that was answered with EAGAIN, which the kernel never does, comes with the next bytes.
    for (const { socket } of clients) socket.write('two\n')
    const ends = end === null ? {} : { [end]: 1 }
    const answers = await Promise.allSettled(
      clients.map((client, index) => client.hear((heard[index] ?? 0) + 'one\ntwo\n'.length)),
    )
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(
      Object.keys(ends).length,
    )
    const late = await connect(server.port)
    await late.exchange('late\n')
    late.socket.end()
    for (const { socket } of clients) socket.end()
    const report = await server.close()
    expect(report.ends).toEqual({ ...ends, 'peer-end': CLIENTS + 1 - Object.keys(ends).length })
  })

  test.for(queuedRows.map((row) => [`with a queue, ${titleOf(row)}`, row] as const))(
    '%s',
    async ([, { end, ...fault }]) => {
      const server = await startServer({}, QUIET)
      const clients = await connectMany(server.port, CLIENTS)
      await exchangeLines(clients)
      const reader = await connectClient(server.port)
      reader.write(`get ${GET_BYTES}\n`.repeat(GETS))
      await server.until(({ queuedBytesMost }) => queuedBytesMost > 0)
      const injection = await Injection.begin(server.pid, fault)
      const heard = end === null ? reader.read(GETS * GET_BYTES) : reader.untilOver()
      await injection.happened()
      const { length } = await heard
      await injection.end()
      await exchangeLines(clients)
      reader.end()
      for (const { socket } of clients) socket.end()
      const { ends } = await server.close()
      reader.destroy()
      expect(ends).toEqual(
        end === null ? { 'peer-end': CLIENTS + 1 } : { [end]: 1, 'peer-end': CLIENTS },
      )
      if (end !== null) expect(length).toBeLessThan(GETS * GET_BYTES)
    },
  )
})
