import { describe, expect, it } from 'vitest'
import {
  type Client,
  connect,
  connectMany,
  endingsOf,
  exchangeAll,
} from '../support/process-clients.js'
import { type Scenario, type ScenarioChild, startScenario } from '../support/process-scenario.js'

function startAbrupt(scenario: Scenario): ScenarioChild {
  return startScenario(scenario, undefined, { abrupt: true })
}

describe('a process that ends with connections open', () => {
  it('process.exit() in a handler: the code stands and bytes just written arrive', async () => {
    const child = startAbrupt(async ({ load, say, io }) => {
      const { listen } = await load()
      const server = await listen({
        port: 0,
        io,
        handler: {
          data(connection, chunk) {
            connection.write(chunk)
            if (String(chunk) === 'leave') {
              connection.write('bye ')
              connection.write('for now')
              process.exit(3)
            }
          },
        },
      })
      say('port', server.address.port)
    })
    const clients = await connectMany(await child.heard<number>('port'), 20)
    await exchangeAll(clients)
    const last = clients[7] as Client
    last.socket.write('leave')
    expect(await child.ended).toMatchObject({ code: 3, signal: null, stderr: '' })
    expect(await endingsOf(clients)).toEqual(['end'])
    expect(last.received).toBe('hi 7leavebye for now')
  })

  it('process.exit() elsewhere: bytes written to every connection arrive', async () => {
    const child = startAbrupt(async ({ load, say, io }) => {
      const { listen } = await load()
      const server = await listen({
        port: 0,
        io,
        handler: {
          open() {
            if (server.counters.open === 20) {
              setImmediate(() => {
                for (const connection of server.connections) {
                  connection.write('bye')
                }
                process.exit(0)
              })
            }
          },
        },
      })
      say('port', server.address.port)
    })
    const clients = await connectMany(await child.heard<number>('port'), 20)
    expect(await child.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    const ends = await Promise.all(clients.map((client) => client.ended))
    expect(ends).toEqual(clients.map(() => ({ how: 'end', received: 'bye' })))
  })

  it('process.exit() while a worker serves too: the code stands', async () => {
    const child = startAbrupt(async ({ load, say, io, startWorker }) => {
      const { listen } = await load()
      const server = await listen({
        port: 0,
        io,
        handler: {
          data() {
            process.exit(4)
          },
        },
      })
      const worker = startWorker(async ({ load: loadHere, io: kind, parentPort }) => {
        const holdfast = await loadHere()
        const here = await holdfast.listen({ port: 0, io: kind, handler: holdfast.echo })
        parentPort?.postMessage(here.address.port)
      })
      worker.once('message', (port) => say('ports', [server.address.port, port]))
    })
    const [mainPort, workerPort] = await child.heard<[number, number]>('ports')
    const theirs = await connectMany(workerPort, 20)
    await exchangeAll(theirs)
    const ours = await connect(mainPort)
    ours.socket.write('leave')
    expect(await child.ended).toMatchObject({ code: 4, signal: null, stderr: '' })
    await Promise.all([...theirs, ours].map((client) => client.ended))
  })

  it('an uncaught exception: exit code 1, that error on stderr and nothing else', async () => {
    const child = startAbrupt(async ({ load, say, io }) => {
      const { listen, echo } = await load()
      const server = await listen({ port: 0, io, handler: echo })
      process.stdin.once('data', () => {
        for (const connection of server.connections) {
          connection.write('last')
        }
        throw new Error('not expected')
      })
      say('port', server.address.port)
    })
    const clients = await connectMany(await child.heard<number>('port'), 20)
    await exchangeAll(clients)
    child.process.stdin?.write('throw')
    const { code, signal, stderr } = await child.ended
    expect({ code, signal }).toEqual({ code: 1, signal: null })
    expect(stderr.match(/^Error: .*$/gm)).toEqual(['Error: not expected'])
    expect(stderr).not.toMatch(/holdfast\.node|FATAL|assert/i)
    expect(await endingsOf(clients)).toEqual(['end'])
    expect(clients.map(({ received }) => received.slice(-4))).toEqual(clients.map(() => 'last'))
  })

  it('an uncaught exception in a worker: its error arrives and the main thread goes on', async () => {
    const child = startScenario(async ({ load, say, io, startWorker }) => {
      const { listen, echo } = await load()
      const server = await listen({ port: 0, io, handler: echo })
      const worker = startWorker(async ({ load: loadHere, io: kind, parentPort }) => {
        const holdfast = await loadHere()
        const here = await holdfast.listen({ port: 0, io: kind, handler: holdfast.echo })
        parentPort?.postMessage(here.address.port)
        parentPort?.once('message', () => {
          throw new Error('not expected')
        })
      })
      worker.once('message', (port) => say('ports', [server.address.port, port]))
      worker.once('error', ({ message }) => say('error', message))
      worker.once('exit', (code) => say('worker', code))
      process.stdin.on('data', (command) => {
        if (String(command) === 'throw') {
          worker.postMessage('throw')
        } else {
          process.stdin.destroy()
          void server.close()
        }
      })
    })
    const [mainPort, workerPort] = await child.heard<[number, number]>('ports')
    const ours = await connect(mainPort)
    const theirs = await connectMany(workerPort, 20)
    await exchangeAll(theirs)
    child.process.stdin?.write('throw')
    expect(await child.heard('error')).toBe('not expected')
    expect(await child.heard('worker')).toBe(1)
    expect(await endingsOf(theirs)).toEqual(['end'])
    expect(await ours.exchange('still there')).toBe('still there')
    child.process.stdin?.write('end')
    expect(await child.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  })
})
