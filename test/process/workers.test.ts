import { describe, expect, it } from 'vitest'
import { WELL } from '../support/process-child.js'
import { connect, connectMany, endingsOf, exchangeAll } from '../support/process-clients.js'
import { type Scenario, startScenario } from '../support/process-scenario.js'

// Listens, tells its port to whoever started it, and echoes.
const echoInWorker: Scenario = async ({ load, io, parentPort }) => {
  const { listen, echo } = await load()
  const server = await listen({ port: 0, io, handler: echo })
  parentPort?.postMessage(server.address.port)
  parentPort?.once('message', () => {
    void server.close().then(() => parentPort.close())
  })
}

describe('environments', () => {
  it('several workers and the main thread serve at once, and each ends by itself', async () => {
    const child = startScenario(async ({ load, say, io, input, startWorker }) => {
      const { listen, echo } = await load()
      const server = await listen({ port: 0, io, handler: echo })
      const workers = [1, 2, 3, 4].map(() => startWorker(input as Scenario))
      const ports = await Promise.all(
        workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
      )
      say('ports', [server.address.port, ...ports])
      process.stdin.once('data', async () => {
        process.stdin.destroy()
        for (const worker of workers) {
          worker.postMessage('close')
          worker.once('exit', (code) => say('worker', code))
        }
        await server.close()
      })
    }, String(echoInWorker))
    const ports = await child.heard<number[]>('ports')
    const clients = (await Promise.all(ports.map((port) => connectMany(port, 5)))).flat()
    await exchangeAll(clients)
    child.process.stdin?.write('end')
    expect(await endingsOf(clients)).toEqual(['end'])
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['ports', 'worker', 'worker', 'worker', 'worker'])
  })

  it('a worker alone loads it, serves, and ends by itself', async () => {
    const child = startScenario(async ({ say, input, startWorker }) => {
      const worker = startWorker(input as Scenario)
      worker.once('message', (port) => say('port', port))
      worker.once('exit', (code) => say('worker', code))
      process.stdin.once('data', () => {
        process.stdin.destroy()
        worker.postMessage('close')
      })
    }, String(echoInWorker))
    const clients = await connectMany(await child.heard<number>('port'), 5)
    await exchangeAll(clients)
    child.process.stdin?.write('end')
    expect(await child.heard('worker')).toBe(0)
    expect(await child.ended).toMatchObject(WELL)
  })

  it('a worker alone loads it and is terminated with connections open', async () => {
    const child = startScenario(async ({ say, input, startWorker }) => {
      const worker = startWorker(input as Scenario)
      worker.once('message', (port) => say('port', port))
      process.stdin.once('data', async () => {
        process.stdin.destroy()
        say('terminated', await worker.terminate())
      })
    }, String(echoInWorker))
    const clients = await connectMany(await child.heard<number>('port'), 5)
    await exchangeAll(clients)
    child.process.stdin?.write('terminate')
    expect(await endingsOf(clients)).toEqual(['end'])
    expect(await child.heard('terminated')).toBe(1)
    expect(await child.ended).toMatchObject(WELL)
  })

  it('a worker that ends while it only listens leaves nothing behind', async () => {
    const child = startScenario(async ({ say, input, startWorker }) => {
      const worker = startWorker(input as Scenario)
      const port = await new Promise<number>((resolve) => worker.once('message', resolve))
      await worker.terminate()
      say('port', port)
      process.stdin.once('data', () => process.stdin.destroy())
    }, String(echoInWorker))
    const port = await child.heard<number>('port')
    await expect(connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    child.process.stdin?.write('end')
    expect(await child.ended).toMatchObject(WELL)
  })

  it.each(['in its own code', 'in calls of the addon'])(
    'a worker that is busy without end %s can be terminated',
    async (where) => {
      const child = startScenario(async ({ say, input, startWorker }) => {
        const worker = startWorker(async ({ load, io, say: tell, input: place, parentPort }) => {
          const { listen } = await load()
          const server = await listen({
            port: 0,
            io,
            handler: {
              data(connection) {
                tell('busy')
                for (;;) {
                  if (place === 'in calls of the addon') {
                    connection.keepalive({ idleMs: 5000, intervalMs: 1000, count: 3 })
                    connection.info()
                    void connection.remoteAddress
                  }
                }
              },
            },
          })
          parentPort?.postMessage(server.address.port)
        }, input)
        worker.once('message', (port) => say('port', port))
        process.stdin.once('data', async () => {
          process.stdin.destroy()
          say('terminated', await worker.terminate())
        })
      }, where)
      const client = await connect(await child.heard<number>('port'))
      client.socket.write('go')
      await child.heard('busy')
      child.process.stdin?.write('terminate')
      expect(await child.heard('terminated')).toBe(1)
      expect(await child.ended).toMatchObject(WELL)
      expect((await client.ended).how).toBe('end')
    },
  )

  it('process.exit() in a worker ends that worker alone, and what it wrote arrives', async () => {
    const child = startScenario(async ({ load, say, io, startWorker }) => {
      const { listen, echo } = await load()
      const server = await listen({ port: 0, io, handler: echo })
      const worker = startWorker(async ({ load: loadHere, io: kind, parentPort }) => {
        const holdfast = await loadHere()
        const here = await holdfast.listen({
          port: 0,
          io: kind,
          handler: {
            data(connection) {
              connection.write('farewell')
              process.exit(7)
            },
          },
        })
        parentPort?.postMessage(here.address.port)
      })
      worker.once('message', (port) => say('ports', [server.address.port, port]))
      worker.once('exit', (code) => say('worker', code))
      process.stdin.once('data', () => {
        process.stdin.destroy()
        void server.close()
      })
    })
    const [mainPort, workerPort] = await child.heard<[number, number]>('ports')
    const [ours, theirs] = await Promise.all([connect(mainPort), connect(workerPort)])
    theirs.socket.write('leave')
    expect(await theirs.ended).toEqual({ how: 'end', received: 'farewell' })
    expect(await child.heard('worker')).toBe(7)
    expect(await ours.exchange('still there')).toBe('still there')
    child.process.stdin?.write('end')
    expect(await child.ended).toMatchObject(WELL)
  })
})
