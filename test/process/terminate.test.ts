import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { WELL } from '../support/process-child.js'
import { connect, connectMany, endingsOf, exchangeAll } from '../support/process-clients.js'
import { startScenario } from '../support/process-scenario.js'

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

describe('worker.terminate()', () => {
  it('with 3000 connections open, while the main thread holds 300 more', async () => {
    const child = startScenario(async ({ load, say, io, startWorker }) => {
      const { listen, echo } = await load()
      const server = await listen({ port: 0, io, handler: echo })
      const worker = startWorker(async ({ load: loadHere, io: kind, parentPort }) => {
        const holdfast = await loadHere()
        const here = await holdfast.listen({ port: 0, io: kind, handler: holdfast.echo })
        parentPort?.postMessage(here.address.port)
      })
      worker.once('message', (port) => say('ports', [server.address.port, port]))
      process.stdin.on('data', async (command) => {
        if (String(command) === 'terminate') {
          say('terminated', await worker.terminate())
        } else {
          process.stdin.destroy()
          const { closed } = await server.close()
          say('closed', closed.shutdown)
        }
      })
    })
    const [mainPort, workerPort] = await child.heard<[number, number]>('ports')
    const ours = await connectMany(mainPort, 300)
    const theirs = await connectMany(workerPort, 3000)
    await Promise.all([exchangeAll(ours), exchangeAll(theirs)])
    child.process.stdin?.write('terminate')
    expect(await endingsOf(theirs)).toEqual(['end'])
    expect(await child.heard('terminated')).toBe(1)
    await exchangeAll(ours)
    child.process.stdin?.write('end')
    expect(await endingsOf(ours)).toEqual(['end'])
    expect(await child.heard('closed')).toBe(300)
    expect(await child.ended).toMatchObject(WELL)
  })

  it('with 3000 connections open in the only thread that ever loaded it', async () => {
    const child = startScenario(({ say, startWorker }) => {
      const worker = startWorker(async ({ load, io, parentPort }) => {
        const { listen, echo } = await load()
        const server = await listen({ port: 0, io, handler: echo })
        parentPort?.postMessage(server.address.port)
      })
      worker.once('message', (port) => say('port', port))
      process.stdin.once('data', async () => {
        process.stdin.destroy()
        say('terminated', await worker.terminate())
      })
    })
    const clients = await connectMany(await child.heard<number>('port'), 3000)
    await exchangeAll(clients)
    child.process.stdin?.write('terminate')
    expect(await endingsOf(clients)).toEqual(['end'])
    expect(await child.heard('terminated')).toBe(1)
    expect(await child.ended).toMatchObject(WELL)
  })

  it('in the middle of traffic, with bytes queued for peers that do not read', async () => {
    const child = startScenario(({ say, startWorker }) => {
      const worker = startWorker(async ({ load, io, parentPort }) => {
        const { listen } = await load()
        const server = await listen({
          port: 0,
          io,
          handler: {
            data(connection, chunk) {
              // More than a peer's window takes, so that a write is under way for ever.
              connection.write(chunk.length === 1 ? Buffer.alloc(8_000_000) : chunk)
            },
          },
        })
        parentPort?.postMessage(server.address.port)
      })
      worker.once('message', (port) => say('port', port))
      process.stdin.once('data', async () => {
        process.stdin.destroy()
        say('terminated', await worker.terminate())
      })
    })
    const port = await child.heard<number>('port')
    const deaf = await connect(port)
    deaf.socket.pause()
    deaf.socket.write('x')
    const busy = await connectMany(port, 20)
    let sent = 0
    for (const { socket } of busy) {
      const send = (): void => {
        sent++
        socket.write('again and again')
      }
      socket.on('data', send)
      send()
    }
    await Promise.all(busy.map((client) => client.hear(15_000)))
    child.process.stdin?.write('terminate')
    expect(await child.heard('terminated')).toBe(1)
    expect(await child.ended).toMatchObject(WELL)
    expect(sent).toBeGreaterThan(20_000)
    await Promise.all(busy.map((client) => client.ended))
  })

  it('at whatever moment, while the worker loads, listens and closes', async () => {
    const child = startScenario(async ({ say, startWorker }) => {
      const atMs = async (delayMs: number): Promise<number> => {
        const worker = startWorker(async ({ load, io }) => {
          const { listen, echo } = await load()
          for (;;) {
            const server = await listen({ port: 0, io, handler: echo })
            void server.keepalive
            await server.close()
          }
        })
        await new Promise((resolve) => worker.once('online', resolve))
        await new Promise((resolve) => setTimeout(resolve, delayMs))
        return worker.terminate()
      }
      const codes = new Set<number>()
      for (let round = 0; round < 20; round++) {
        // Loading takes some 20 ms; the rest of the time is spent in the loop.
        const delaysMs = [1, 12, 23, 34].map((delayMs) => delayMs + round)
        for (const code of await Promise.all(delaysMs.map(atMs))) {
          codes.add(code)
        }
      }
      say('terminated', [...codes])
    })
    expect(await child.heard('terminated')).toEqual([1])
    expect(await child.ended).toMatchObject(WELL)
  })

  it.runIf(process.platform === 'linux')('20 times over leaves no descriptor behind', async () => {
    const child = startScenario(({ say, startWorker }) => {
      // One worker a command; the number is how many descriptors are open once it is gone.
      process.stdin.on('data', async (command) => {
        if (String(command) === 'end') {
          process.stdin.destroy()
          return
        }
        const worker = startWorker(async ({ load, io, parentPort }) => {
          const { listen, echo } = await load()
          const server = await listen({ port: 0, io, handler: echo })
          parentPort?.postMessage(server.address.port)
          parentPort?.once('message', () => process.exit(0))
        })
        worker.once('message', (port) => say('port', port))
        worker.once('exit', () => say('gone'))
        process.stdin.once('data', () => {
          void worker.terminate()
        })
      })
      say('ready')
    })
    await child.heard('ready')
    const counts: number[] = []
    for (let round = 0; round <= 20; round++) {
      child.process.stdin?.write('load')
      const clients = await connectMany(await child.heard<number>('port'), 10)
      await exchangeAll(clients)
      child.process.stdin?.write('terminate')
      await child.heard('gone')
      expect(await endingsOf(clients)).toEqual(['end'])
      counts.push(descriptors(child.pid))
    }
    // A worker's own loop closes a moment after its exit was reported, so a single count may be high;
    // what 20 rounds leave behind would stay.
    const least = Math.min(...counts)
    await expect.poll(() => descriptors(child.pid), { timeout: 10_000 }).toBeLessThan(least + 10)
    child.process.stdin?.write('end')
    expect(await child.ended).toMatchObject(WELL)
  })
})
