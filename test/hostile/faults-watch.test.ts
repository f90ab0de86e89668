import { describe, expect, test } from 'vitest'
import { connectClient } from '../support/client.js'
import { io } from '../support/process-child.js'
import { connect, connectMany } from '../support/process-clients.js'
import { straceMissing } from '../support/process-strace.js'
import { exchangeLines } from './exchange.js'
import { Injection } from './fault.js'
import { startServer } from './server.js'

const CLIENTS = 10
// More than the buffers of both ends.
const GETS = 200

const missing = await straceMissing()
// On uv libuv waits, and ends the process where epoll_ctl fails: nothing to test there.
const waits = io === 'uv' ? ['epoll_pwait'] : ['epoll_pwait', 'epoll_wait']
const watches = io === 'uv' ? [] : ['ENOMEM', 'ENOSPC']

describe.skipIf(missing !== '')('waiting for sockets fails on a live server', () => {
  test.for(waits)('%s is interrupted by a signal: nobody notices', async (call) => {
    const server = await startServer({})
    const clients = await connectMany(server.port, CLIENTS)
    const injection = await Injection.begin(server.pid, { call, error: 'EINTR', times: 3 })
    await exchangeLines(clients)
    await injection.happened()
    await injection.end()
    await exchangeLines(clients)
    for (const { socket } of clients) socket.end()
    expect((await server.close()).ends).toEqual({ 'peer-end': CLIENTS })
  })

  test.for(watches)('%s for a new socket: it ends once, the next one is watched', async (error) => {
    const server = await startServer({})
    const clients = await connectMany(server.port, CLIENTS)
    await exchangeLines(clients)
    const injection = await Injection.begin(server.pid, { call: 'epoll_ctl', error, times: 1 })
    const unlucky = await connect(server.port)
    await unlucky.ended
    await injection.end()
    const late = await connect(server.port)
    await exchangeLines([...clients, late])
    for (const { socket } of [...clients, late]) socket.end()
    const { ends } = await server.close()
    expect(ends).toEqual({ [`io-error ${error}`]: 1, 'peer-end': CLIENTS + 1 })
  })

  test.for(watches)('%s for a socket that takes no more: it ends once', async (error) => {
    const server = await startServer({})
    const clients = await connectMany(server.port, CLIENTS)
    await exchangeLines(clients)
    const reader = await connectClient(server.port)
    reader.write('hello\n')
    await reader.read('hello\n'.length)
    reader.socket.pause()
    const injection = await Injection.begin(server.pid, { call: 'epoll_ctl', error, times: 1 })
    reader.write('get 65536\n'.repeat(GETS))
    await injection.happened()
    await injection.end()
    await server.until(({ counters }) => counters.open === CLIENTS)
    reader.destroy()
    await exchangeLines(clients)
    for (const { socket } of clients) socket.end()
    const { ends } = await server.close()
    expect(ends).toEqual({ [`io-error ${error}`]: 1, 'peer-end': CLIENTS })
  })

  test.for(watches)(
    '%s for a listener that is to go on: it does, a little later',
    async (error) => {
      const server = await startServer({ limits: { connections: CLIENTS } })
      const clients = await connectMany(server.port, CLIENTS)
      await exchangeLines(clients)
      const waiting = await connect(server.port)
      const injection = await Injection.begin(server.pid, { call: 'epoll_ctl', error, times: 1 })
      clients.pop()?.socket.end()
      await injection.happened()
      await exchangeLines([waiting])
      await injection.end()
      await exchangeLines(clients)
      for (const { socket } of [...clients, waiting]) socket.end()
      expect((await server.close()).ends).toEqual({ 'peer-end': CLIENTS + 1 })
    },
  )
})
